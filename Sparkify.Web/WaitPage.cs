using System.Net;

namespace Sparkify.Web;

/// <summary>
/// What a browser shows while the database does not answer: it asks again by itself, and so becomes the page that was asked for. It needs
/// nothing else of the application, which could not look up who asks.
/// </summary>
internal static class WaitPage
{
    /// <summary>Whether a request is a person's, who is shown a page, and not a program's.</summary>
    public static bool IsWanted(HttpRequest request) =>
        !request.Path.StartsWithSegments("/api/v1", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        && !request.Path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase)
        && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes it.</summary>
    public static Task WriteAsync(HttpResponse response, string said, CancellationToken ct)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
              <meta charset="utf-8" />
              <meta name="viewport" content="width=device-width, initial-scale=1" />
              <meta name="color-scheme" content="light dark" />
              <meta http-equiv="refresh" content="3" />
              <title>Waiting · Sparkify</title>
              <style>
                body { font: 15px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; padding: 0 20px; }
                main { max-width: 36rem; } h1 { font-size: 1.4rem; }
              </style>
            </head>
            <body>
              <main data-testid="waiting">
                <h1>Waiting for the database</h1>
                <p role="alert">{{WebUtility.HtmlEncode(said)}}</p>
                <p>This page looks again by itself every few seconds, and goes on as soon as it can.</p>
              </main>
            </body>
            </html>
            """, ct);
    }
}
