using Microsoft.JSInterop;

namespace Sparkify.Web.Shared;

/// <summary>Addresses that follow what is typed and done on a page.</summary>
internal static class FollowingNavigation
{
    /// <summary>
    /// Puts what the page shows now into its address, in the place of the one there. The browser gives it up when the person has gone
    /// to another page meanwhile: a navigation of the server's own would fetch them back.
    /// </summary>
    public static ValueTask FollowAsync(this IJSRuntime js, string address, CancellationToken ct) =>
        js.InvokeVoidAsync("sparkify.follow", ct, address);
}
