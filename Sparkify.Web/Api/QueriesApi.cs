using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;

namespace Sparkify.Web.Api;

/// <summary>Ad-hoc queries in the read-only role, what one ran, and what one keeps.</summary>
internal static class QueriesApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/warehouses/{name}/queries").WithTags("Queries");
        group.MapPost("/", RunAsync).WithSummary("Run one statement as the read-only role and wait for it; format=csv for all rows as CSV, csv=raw or csv=excel, notes=true or false");
        group.MapPost("/explain", ExplainAsync).WithSummary("How the server would carry a statement out; it is not run");
        group.MapGet("/", HistoryAsync).WithSummary("One's past queries on a warehouse, newest first");
        group.MapGet("/{id:long}/csv", CsvAsync).WithSummary("Runs one of one's past queries again, for all its rows as CSV; csv=raw or csv=excel, notes=true or false; p.name=value for each of its parameters");
        var saved = api.MapGroup("/queries").WithTags("Queries");
        saved.MapGet("/", (IQueryStore book, Actor actor, CancellationToken ct) => book.SavedAsync(actor, ct))
            .WithSummary("One's saved queries");
        saved.MapPost("/", SaveAsync).WithSummary("Save a query under a name");
        saved.MapPatch("/{id:long}", ChangeAsync).WithSummary("Rename a saved query, or change its text");
        saved.MapDelete("/{id:long}", DeleteAsync).WithSummary("Delete a saved query");
    }

    private static async Task<IResult> RunAsync(
        string name, RunQuery body, HttpRequest request, IQueries queries, Actor actor, CancellationToken ct)
    {
        if (CsvResult.Wanted(request))
        {
            return await CsvResult.OpenAsync(request, () => queries.OpenCsvAsync(name, body.Sql ?? "", ct, body.Parameters));
        }

        // Disposing it cancels it: a caller who hangs up stops the server's work.
        await using var run = await queries.StartAsync(name, body.Sql ?? "", actor, ct, body.MaxRows, body.Parameters);
        var last = await run.Completion.WaitAsync(ct);
        return TypedResults.Ok(new QueryJson(
            run.Id, last.State, last.Columns ?? [], run.Rows(0, last.Rows), last.More, last.MoreIsLeast, last.Took.TotalMilliseconds,
            last.FirstRowsAfter?.TotalMilliseconds, last.Error));
    }

    private static Task<IReadOnlyList<string>> ExplainAsync(string name, ExplainQuery body, IQueries queries, CancellationToken ct) =>
        queries.ExplainAsync(name, body.Sql ?? "", ct, body.Parameters);

    private static Task<Page<PastQuery>> HistoryAsync(
        string name, IQueryStore book, Actor actor, CancellationToken ct, int page = 1, int size = 50) =>
        book.HistoryAsync(name, actor, page, size, ct);

    private static async Task<IResult> CsvAsync(
        string name, long id, HttpRequest request, IQueries queries, IQueryStore book, Actor actor, CancellationToken ct)
    {
        var past = await book.GetAsync(name, id, actor, ct);
        var values = request.Query.Where(static q => q.Key.StartsWith("p.", StringComparison.Ordinal))
            .ToDictionary(static q => q.Key[2..], static q => q.Value.ToString());
        return await CsvResult.OpenAsync(request, () => queries.OpenCsvAsync(name, past.Sql, ct, values));
    }

    private static async Task<Created<SavedQuery>> SaveAsync(SaveQuery body, IQueryStore book, Actor actor, CancellationToken ct)
    {
        var saved = await book.SaveAsync(body.Name ?? "", body.Sql ?? "", actor, ct);
        return TypedResults.Created($"/api/v1/queries/{saved.Id}", saved);
    }

    private static Task<SavedQuery> ChangeAsync(long id, SaveQuery body, IQueryStore book, Actor actor, CancellationToken ct) =>
        book.ChangeAsync(id, body.Name, body.Sql, actor, ct);

    private static async Task<NoContent> DeleteAsync(long id, IQueryStore book, Actor actor, CancellationToken ct)
    {
        await book.DeleteAsync(id, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/warehouses/{name}/queries</c>.</summary>
    internal sealed record RunQuery(string? Sql, int? MaxRows = null, Dictionary<string, string>? Parameters = null);

    /// <summary>The body of <c>POST /api/v1/warehouses/{name}/queries/explain</c>.</summary>
    internal sealed record ExplainQuery(string? Sql, Dictionary<string, string>? Parameters = null);

    /// <summary>The body of <c>POST</c> and <c>PATCH /api/v1/queries</c>.</summary>
    internal sealed record SaveQuery(string? Name, string? Sql);

    /// <summary>The answer to a query; cells are texts as the server writes them.</summary>
    internal sealed record QueryJson(
        long Id, QueryState State, IReadOnlyList<QueryColumn> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, long? More,
        bool MoreIsLeast, double TookMs,
        double? FirstRowsAfterMs, QueryError? Error);
}
