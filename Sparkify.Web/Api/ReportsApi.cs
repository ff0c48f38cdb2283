using Microsoft.Extensions.Primitives;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;

namespace Sparkify.Web.Api;

/// <summary>Canned reports: which there are, their answers, the rows behind a mark, and all of it as CSV.</summary>
internal static class ReportsApi
{
    /// <summary>What the values that name a mark begin with: a report may have a parameter and a column of one name.</summary>
    private const string MarkPrefix = "mark.";

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/reports", (IReports reports) => reports.Catalogue).WithTags("Reports")
            .WithSummary("Every report with its question, parameters and columns");
        var group = api.MapGroup("/warehouses/{name}").WithTags("Reports");
        group.MapGet("/trust", TrustAsync).WithSummary("What the figures stand on: which load, rows reconciled, checks passed");
        group.MapGet("/reports/{id}", RunAsync).WithSummary("A report's answer; its parameters by name, format=csv for all rows as CSV (csv=raw, or csv=excel with a byte order mark and guarded formulas; notes=true or false for lines before it that begin with #), fresh=true past the cache");
        group.MapGet("/reports/{id}/rows", DrillAsync).WithSummary(
            "The rows behind a mark: the report's parameters, and the mark as mark.COLUMN=VALUE; page and size, or format=csv with csv and notes");
    }

    private static async Task<ReportTrust> TrustAsync(string name, IReports reports, CancellationToken ct) =>
        await reports.TrustAsync(name, ct)
        ?? throw SparkifyException.NotFound($"Nothing has been published in '{name}' yet. Load it first.");

    private static async Task<IResult> RunAsync(string name, string id, HttpRequest request, IReports reports, CancellationToken ct)
    {
        var parameters = Parameters(request, "fresh");
        return CsvResult.Wanted(request)
            ? await CsvResult.OpenAsync(request, () => reports.OpenCsvAsync(name, id, parameters, mark: null, ct))
            : TypedResults.Ok(ReportJson.Of(await reports.RunAsync(name, id, parameters, ct, QueryFlag.Read(request, "fresh"))));
    }

    private static async Task<IResult> DrillAsync(
        string name, string id, HttpRequest request, IReports reports, CancellationToken ct, int page = 1, int size = 50)
    {
        var parameters = Parameters(request, "page", "size");
        // A value that is left out names the mark whose value is none.
        var mark = request.Query.Where(q => q.Key.StartsWith(MarkPrefix, StringComparison.Ordinal))
            .ToDictionary(q => q.Key[MarkPrefix.Length..], q => One(q), StringComparer.Ordinal);
        if (CsvResult.Wanted(request))
        {
            return await CsvResult.OpenAsync(request, () => reports.OpenCsvAsync(name, id, parameters, mark, ct));
        }

        return TypedResults.Ok(await reports.DrillAsync(name, id, parameters, mark, page, size, ct));
    }

    // Whatever else is in the query string is a parameter, and the report itself refuses those it does not have.
    private static Dictionary<string, string?> Parameters(HttpRequest request, params string[] own) => request.Query
        .Where(q => !own.Concat(CsvResult.Words).Contains(q.Key, StringComparer.Ordinal)
            && !q.Key.StartsWith(MarkPrefix, StringComparison.Ordinal))
        .ToDictionary(q => q.Key, q => One(q), StringComparer.Ordinal);

    private static string? One(KeyValuePair<string, StringValues> pair) => pair.Value.Count <= 1 ? pair.Value.ToString()
        : throw SparkifyException.Invalid($"'{pair.Key}' is given {pair.Value.Count} times. Give it once.");
}

/// <summary>A report's answer in the API: rows are arrays in the order of the columns.</summary>
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
