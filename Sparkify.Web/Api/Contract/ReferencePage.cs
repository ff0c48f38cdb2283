using System.IO.Compression;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Scalar.AspNetCore;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Api.Contract;

/// <summary>
/// The reference of the API, made from its description by Scalar's script, which is served from the package: nothing comes from elsewhere.
/// </summary>
internal static class ReferencePage
{
    private const string Script = "ScalarStaticAssets.scalar.js";

    // The script writes styles into the page; the page's own has none to be run.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private const string Html =
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>API - Sparkify</title>
        <link rel="icon" href="/favicon.svg">
        </head>
        <body>
        <script id="api-reference" data-url="/openapi/v1.json" data-configuration='{"withDefaultFonts": false, "telemetry": false, "hideClientButton": true, "showDeveloperTools": "never", "agent": {"disabled": true}, "mcp": {"disabled": true}, "documentDownloadType": "json"}'></script>
        <script src="/api/reference.js"></script>
        </body>
        </html>
        """;

    public static void Map(WebApplication app)
    {
        app.MapGet("/api", static () => TypedResults.Text(Html, MediaTypeNames.Text.Html)).WithMetadata(new ContentPolicy(Policy))
            .ExcludeFromDescription();
        app.MapGet("/api/reference.js", ScriptOf).ExcludeFromDescription();
    }

    // The package has it compressed, and that is how browsers take it.
    private static FileStreamHttpResult ScriptOf(HttpRequest request, HttpResponse response)
    {
        var packed = typeof(ScalarOptions).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"The package of the reference has no {Script}.");
        if (!request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Stream(new GZipStream(packed, CompressionMode.Decompress), MediaTypeNames.Text.JavaScript);
        }

        response.Headers.ContentEncoding = "gzip";
        return TypedResults.Stream(packed, MediaTypeNames.Text.JavaScript);
    }
}
