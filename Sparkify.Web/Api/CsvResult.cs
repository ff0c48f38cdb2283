using Sparkify.Core.Common;
using Sparkify.Core.Reports;

namespace Sparkify.Web.Api;

/// <summary>Streams rows as CSV. What fails half-way breaks the connection off, so that nobody takes half a file for a whole one.</summary>
internal sealed class CsvResult(ICsvSource source, bool notes) : IResult
{
    /// <summary>Whether a request asks for CSV.</summary>
    public static bool Wanted(HttpRequest request) => request.Query["format"].ToString() switch
    {
        "csv" => true,
        "" or "json" => false,
        var other => throw SparkifyException.Invalid($"'{other}' is no format. There are: json, csv."),
    };

    /// <summary>Whether it wants the lines that say what the file is.</summary>
    public static bool Notes(HttpRequest request) => QueryFlag.Read(request, "notes", otherwise: true);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (source)
        {
            httpContext.Response.ContentType = "text/csv; charset=utf-8";
            httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{source.FileName}\"";
            httpContext.Response.Headers.CacheControl = "no-store";
            httpContext.Response.Headers.XContentTypeOptions = "nosniff";
            await source.WriteAsync(httpContext.Response.Body, httpContext.RequestAborted, notes);
        }
    }
}

/// <summary>Yes and no in query strings.</summary>
internal static class QueryFlag
{
    public static bool Read(HttpRequest request, string name, bool otherwise = false) => request.Query[name].ToString() switch
    {
        "" => otherwise,
        "true" => true,
        "false" => false,
        var other => throw SparkifyException.Invalid($"'{other}' is no value for '{name}'. There are: true, false."),
    };
}
