using System.ComponentModel.DataAnnotations;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Canned reports: which there are, their answers, the rows behind a mark, and all of it as CSV.</summary>
internal static class ReportsApi
{
    /// <summary>What the values that name a mark begin with: a report may have a parameter and a column of one name.</summary>
    private const string MarkPrefix = "mark.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/reports", (IReports reports) => reports.Catalogue).WithTags("Reports")
            .Is("listReports", "Every report with its question, parameters and columns");
        var group = api.MapGroup("/warehouses/{name}").WithTags("Reports");
        group.MapGet("/trust", TrustAsync).Is("getTrust", "What the figures stand on: which load, rows reconciled, checks passed");
        group.MapGet("/reports/{id}", RunAsync).Is("runReport", "A report's answer; format=csv for all rows as CSV")
            .Produces<ReportJson>().Answers(CsvResult.Type, CsvResult.Meaning)
            .TakesMore("The report's own parameters, by name.")
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status429TooManyRequests);
        group.MapGet("/reports/{id}/rows", DrillAsync).Is("drillReport", "The rows behind a mark of a report; format=csv for all as CSV")
            .Produces<DrillPage>().Answers(CsvResult.Type, CsvResult.Meaning)
            .TakesMore("The report's own parameters, by name, and the mark as mark.COLUMN=VALUE.")
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status429TooManyRequests);
    }

    private static async Task<ReportTrust> TrustAsync(string name, IReports reports, CancellationToken ct) =>
        await reports.TrustAsync(name, ct)
        ?? throw SparkifyException.NotFound($"Nothing has been published in '{name}' yet. Load it first.");

    private static async Task<IResult> RunAsync(
        string name, string id, HttpRequest request, IReports reports, Actor actor, CancellationToken ct,
        [Words("json", "csv")] string? format = null, [Words("raw", "excel")] string? csv = null, bool? notes = null, bool fresh = false)
    {
        var parameters = Parameters(request, nameof(fresh));
        return CsvResult.Wanted(format, csv)
            ? await CsvResult.OpenAsync(csv, notes, () => reports.OpenCsvAsync(name, id, parameters, mark: null, actor, ct))
            : TypedResults.Ok(ReportJson.Of(await reports.RunAsync(name, id, parameters, ct, fresh)));
    }

    private static async Task<IResult> DrillAsync(
        string name, string id, HttpRequest request, IReports reports, Actor actor, CancellationToken ct,
        [Words("json", "csv")] string? format = null, [Words("raw", "excel")] string? csv = null, bool? notes = null,
        [Range(1, IReports.MostPages)] int page = 1, [Range(1, IReports.MostOnAPage)] int size = 50)
    {
        var parameters = Parameters(request, nameof(page), nameof(size));
        // A value that is left out names the mark whose value is none.
        var mark = request.Query.Where(q => q.Key.StartsWith(MarkPrefix, StringComparison.Ordinal))
            .ToDictionary(static q => q.Key[MarkPrefix.Length..], static q => (string?)q.Value.ToString(), StringComparer.Ordinal);
        if (CsvResult.Wanted(format, csv))
        {
            return await CsvResult.OpenAsync(csv, notes, () => reports.OpenCsvAsync(name, id, parameters, mark, actor, ct));
        }

        return TypedResults.Ok(await reports.DrillAsync(name, id, parameters, mark, page, size, actor, ct));
    }

    // Whatever else is in the query string is a parameter, and the report itself refuses those it does not have.
    private static Dictionary<string, string?> Parameters(HttpRequest request, params string[] own) => request.Query
        .Where(q => !own.Concat(CsvResult.Words).Contains(q.Key, StringComparer.OrdinalIgnoreCase)
            && !q.Key.StartsWith(MarkPrefix, StringComparison.Ordinal))
        .ToDictionary(static q => q.Key, static q => (string?)q.Value.ToString(), StringComparer.Ordinal);
}

/// <summary>A report's answer in the API: rows are arrays in the order of the columns.</summary>
/// <param name="Id">The report.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Question">What it answers.</param>
/// <param name="Excludes">What it leaves out, in words.</param>
/// <param name="Warehouse">Whose figures they are.</param>
/// <param name="Arguments">What it was asked with, defaults included.</param>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="Rows">Its rows, each in the order of the columns.</param>
/// <param name="More">Whether there are more rows than these.</param>
/// <param name="Sql">The statement that computed it.</param>
/// <param name="TookMs">How long that took, in milliseconds.</param>
/// <param name="Version">Which load published the figures, and when.</param>
/// <param name="ComputedAt">When it was computed.</param>
/// <param name="Cached">Whether it was computed for somebody before.</param>
internal sealed record ReportJson(
    string Id, string Title, string Question, string Excludes, string Warehouse, IReadOnlyList<ReportArgument> Arguments,
    IReadOnlyList<ReportColumn> Columns,
    IReadOnlyList<IReadOnlyList<object?>> Rows, bool More, string Sql, double TookMs, DataVersion Version, DateTimeOffset ComputedAt,
    bool Cached)
{
    public static ReportJson Of(ReportResult r) => new(
        r.Report.Id, r.Report.Title, r.Report.Question, r.Report.Excludes, r.Warehouse, r.Arguments, r.Report.Columns, r.Rows, r.More,
        r.Sql,
        r.Took.TotalMilliseconds, r.Version, r.ComputedAt, r.Cached);
}
