using Microsoft.Extensions.Primitives;
using MudBlazor;

namespace Sparkify.Web;

/// <summary>The style sheet and the script of MudBlazor, as the page asks for them.</summary>
internal static class MudFiles
{
    private const string Folder = "/_content/MudBlazor";
    private static readonly string Version = typeof(MudButton).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// The address of one of its files. A plain name, because only that has a compressed twin: under the name with a fingerprint, which
    /// <c>Assets</c> would give, a package's file is sent as it is, six times the bytes.
    /// </summary>
    public static string Address(string file) => $"{Folder[1..]}/{file}?v={Version}";

    /// <summary>
    /// Lets the browser keep what it asked for with its version; a plain name alone would be asked for again on every visit.
    /// </summary>
    public static IApplicationBuilder UseMudFiles(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments(Folder, StringComparison.Ordinal) &&
            StringValues.Equals(context.Request.Query["v"], Version))
        {
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode is StatusCodes.Status200OK or StatusCodes.Status304NotModified)
                {
                    context.Response.Headers.CacheControl = "max-age=31536000, immutable";
                }

                return Task.CompletedTask;
            });
        }

        return next(context);
    });
}
