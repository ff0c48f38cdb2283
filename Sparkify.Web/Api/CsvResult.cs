using Sparkify.Core.Common;
using Sparkify.Core.Reports;

namespace Sparkify.Web.Api;

/// <summary>Streams rows as CSV. What fails half-way breaks the connection off, so that nobody takes half a file for a whole one.</summary>
internal sealed class CsvResult(ICsvSource source, CsvForm form) : IResult
{
    /// <summary>What a request says about CSV: none of it is a parameter of a report.</summary>
    public static readonly IReadOnlyList<string> Words = ["format", "csv", "notes"];

    /// <summary>The media type.</summary>
    public const string Type = "text/csv";

    /// <summary>What comes in it.</summary>
    public const string Meaning = "A line of headings, and a line for each row.";

    /// <summary>Whether a request asks for CSV.</summary>
    public static bool Wanted(string? format, string? csv) => format switch
    {
        "csv" => true,
        null or "" or "json" when csv is not null =>
            throw SparkifyException.Invalid("'csv' says how CSV is written: add format=csv, or leave it out."),
        null or "" or "json" => false,
        var other => throw SparkifyException.Invalid($"'{other}' is no format. There are: json, csv."),
    };

    /// <summary>Which CSV: <c>csv=raw</c> unless it says <c>csv=excel</c>, with the notes of that form unless it says otherwise.</summary>
    private static CsvForm Form(string? csv, bool? notes)
    {
        var form = csv switch
        {
            null or "" or "raw" => CsvForm.Raw,
            "excel" => CsvForm.Excel,
            var other => throw SparkifyException.Invalid($"'{other}' is no value for 'csv'. There are: excel, raw."),
        };
        return form with { Notes = notes ?? form.Notes };
    }

    /// <summary>Opens rows for a request; what is wrong with how they are to be written is said before anything is opened.</summary>
    public static async Task<CsvResult> OpenAsync(string? csv, bool? notes, Func<Task<ICsvSource>> openAsync)
    {
        var form = Form(csv, notes);
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
