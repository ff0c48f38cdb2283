using Sparkify.Core.Common;
using Sparkify.Core.Reports;

namespace Sparkify.Web.Api;

/// <summary>Streams rows as CSV. What fails half-way breaks the connection off, so that nobody takes half a file for a whole one.</summary>
internal sealed class CsvResult(ICsvSource source, CsvForm form) : IResult
{
    /// <summary>What a request says about CSV: none of it is a parameter of a report.</summary>
    public static readonly IReadOnlyList<string> Words = ["format", "csv", "notes"];

    /// <summary>Whether a request asks for CSV.</summary>
    public static bool Wanted(HttpRequest request) => request.Query["format"].ToString() switch
    {
        "csv" => true,
        "" or "json" when request.Query.ContainsKey("csv") =>
            throw SparkifyException.Invalid("'csv' says how CSV is written: add format=csv, or leave it out."),
        "" or "json" => false,
        var other => throw SparkifyException.Invalid($"'{other}' is no format. There are: json, csv."),
    };

    /// <summary>Which CSV: <c>csv=raw</c> unless it says <c>csv=excel</c>, with the notes of that form unless it says otherwise.</summary>
    private static CsvForm Form(HttpRequest request)
    {
        var form = request.Query["csv"].ToString() switch
        {
            "" or "raw" => CsvForm.Raw,
            "excel" => CsvForm.Excel,
            var other => throw SparkifyException.Invalid($"'{other}' is no value for 'csv'. There are: excel, raw."),
        };
        return form with { Notes = QueryFlag.Read(request, "notes", otherwise: form.Notes) };
    }

    /// <summary>Opens rows for a request; what is wrong with how they are to be written is said before anything is opened.</summary>
    public static async Task<CsvResult> OpenAsync(HttpRequest request, Func<Task<ICsvSource>> openAsync)
    {
        var form = Form(request);
        return new CsvResult(await openAsync(), form);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using (source)
        {
            httpContext.Response.ContentType = "text/csv; charset=utf-8";
            httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"{source.FileName}\"";
            await source.WriteAsync(httpContext.Response.Body, form, httpContext.RequestAborted);
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
