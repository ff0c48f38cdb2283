using Microsoft.JSInterop;

namespace Sparkify.Web.Shared;

/// <summary>Addresses that follow what is typed.</summary>
internal static class TypedNavigation
{
    /// <summary>
    /// Puts what was typed into the address of the page, in the place of the one there. The browser gives it up when the person has gone
    /// to another page meanwhile: a navigation of the server's own would fetch them back.
    /// </summary>
    public static ValueTask FollowTypingAsync(this IJSRuntime js, string address, CancellationToken ct) =>
        js.InvokeVoidAsync("sparkify.followTyping", ct, address);
}
