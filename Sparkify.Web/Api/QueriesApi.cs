using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Queries;
using Sparkify.Web.Api.Contract;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Api;

/// <summary>Ad-hoc queries in the read-only role, what one ran, and what one keeps.</summary>
internal static class QueriesApi
{
    private const string ParameterPrefix = "p.";

    public static void Map(RouteGroupBuilder api)
    {
        var group = api.MapGroup("/warehouses/{name}/queries").WithTags("Queries");
        group.MapPost("/", RunAsync).WithMetadata(new OnlyReads())
            .Is("runQuery", "Run one statement as the read-only role and wait for its end, which state tells; format=csv for all rows as CSV")
            .Example("""{"sql": "select count(*) from songplays where level = {{level}}", "parameters": {"level": "paid"}, "maxRows": 100}""")
            .Produces<QueryJson>().Answers(CsvResult.Type, CsvResult.Meaning).Refuses(StatusCodes.Status429TooManyRequests);
        group.MapPost("/explain", ExplainAsync).WithMetadata(new OnlyReads())
            .Is("explainQuery", "How the server would carry a statement out; it is not run")
            .Example("""{"sql": "select count(*) from songplays"}""").Refuses(StatusCodes.Status429TooManyRequests);
        group.MapGet("/", HistoryAsync).Is("listQueries", "One's past queries on a warehouse, newest first");
        group.MapGet("/{id:long}/csv", CsvAsync).Is("downloadQuery", "Runs one of one's past queries again, for all its rows as CSV")
            .Answers(CsvResult.Type, CsvResult.Meaning).TakesMore("The query's own parameters, each as p.NAME=VALUE.", ParameterPrefix)
            .Refuses(StatusCodes.Status409Conflict, StatusCodes.Status429TooManyRequests);
        var saved = api.MapGroup("/queries").WithTags("Queries");
        saved.MapGet("/", (IQueryStore book, Actor actor, CancellationToken ct) => book.SavedAsync(actor, ct))
            .Is("listSavedQueries", "One's saved queries");
        saved.MapPost("/", SaveAsync).Is("saveQuery", "Save a query under a name")
            .Example("""{"name": "Paid plays", "sql": "select count(*) from songplays where level = 'paid'"}""").HasVersions();
        saved.MapPatch("/{id:long}", ChangeAsync).Is("changeSavedQuery", "Rename a saved query, or change its text")
            .Example("""{"name": "Plays that were paid for"}""").HasVersions();
        saved.MapDelete("/{id:long}", DeleteAsync).Is("deleteSavedQuery", "Delete a saved query");
    }

    private static async Task<IResult> RunAsync(
        string name, RunQuery body, IQueries queries, Actor actor, CancellationToken ct, [Words("json", "csv")] string? format = null,
        [Words("raw", "excel")] string? csv = null, bool? notes = null)
    {
        if (CsvResult.Wanted(format, csv))
        {
            return await CsvResult.OpenAsync(csv, notes, () => queries.OpenCsvAsync(name, body.Sql ?? "", actor, ct, body.Parameters));
        }

        // Disposing it cancels it: a caller who hangs up stops the server's work.
        await using var run = await queries.StartAsync(name, body.Sql ?? "", actor, ct, body.MaxRows, body.Parameters);
        var last = await run.Completion.WaitAsync(ct);
        return TypedResults.Ok(new QueryJson(
            run.Id, last.State, last.Columns ?? [], run.Rows(0, last.Rows), last.More, last.MoreIsLeast, last.Took.TotalMilliseconds,
            last.FirstRowsAfter?.TotalMilliseconds, last.Error));
    }

    private static Task<IReadOnlyList<string>> ExplainAsync(
        string name, ExplainQuery body, IQueries queries, Actor actor, CancellationToken ct) =>
        queries.ExplainAsync(name, body.Sql ?? "", actor, ct, body.Parameters);

    private static Task<Page<PastQuery>> HistoryAsync(
        string name, IQueryStore book, Actor actor, CancellationToken ct, [Range(1, int.MaxValue)] int page = 1,
        [Range(1, IQueryStore.MostOnAPage)] int size = 50) =>
        book.HistoryAsync(name, actor, page, size, ct);

    private static async Task<IResult> CsvAsync(
        string name, long id, HttpRequest request, IQueries queries, IQueryStore book, Actor actor, CancellationToken ct,
        [Words("raw", "excel")] string? csv = null, bool? notes = null)
    {
        var past = await book.GetAsync(name, id, actor, ct);
        var values = request.Query.Where(static q => q.Key.StartsWith(ParameterPrefix, StringComparison.Ordinal))
            .ToDictionary(static q => q.Key[ParameterPrefix.Length..], static q => q.Value.ToString());
        return await CsvResult.OpenAsync(csv, notes, () => queries.OpenCsvAsync(name, past.Sql, actor, ct, values));
    }

    private static async Task<Created<SavedQuery>> SaveAsync(
        SaveQuery body, IQueryStore book, HttpResponse response, Actor actor, CancellationToken ct)
    {
        var saved = Tagged(response, await book.SaveAsync(body.Name ?? "", body.Sql ?? "", actor, ct));
        return TypedResults.Created($"/api/v1/queries/{saved.Id}", saved);
    }

    private static Task<SavedQuery> ChangeAsync(
        long id, ChangeQuery body, IQueryStore book, Versions versions, HttpContext http, Actor actor, CancellationToken ct) =>
        versions.ChangeAsync(
            http, () => book.GetSavedAsync(id, actor, ct), Tag, _ => book.ChangeAsync(id, body.Name, body.Sql, actor, ct), ct);

    private static string Tag(SavedQuery saved) => Versions.Of($"{saved.Id}", saved.Name, saved.Sql);

    private static SavedQuery Tagged(HttpResponse response, SavedQuery saved)
    {
        Versions.Tell(response, Tag(saved));
        return saved;
    }

    private static async Task<NoContent> DeleteAsync(long id, IQueryStore book, Actor actor, CancellationToken ct)
    {
        await book.DeleteAsync(id, actor, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The body of <c>POST /api/v1/warehouses/{name}/queries</c>.</summary>
    /// <param name="Sql">One statement.</param>
    /// <param name="MaxRows">How many rows come at most; the configured number when left out.</param>
    /// <param name="Parameters">Values of what stands in double braces in the text.</param>
    internal sealed record RunQuery(string? Sql, int? MaxRows = null, Dictionary<string, string>? Parameters = null);

    /// <summary>The body of <c>POST /api/v1/warehouses/{name}/queries/explain</c>.</summary>
    /// <param name="Sql">One statement.</param>
    /// <param name="Parameters">Values of what stands in double braces in the text.</param>
    internal sealed record ExplainQuery(string? Sql, Dictionary<string, string>? Parameters = null);

    /// <summary>The body of <c>POST /api/v1/queries</c>.</summary>
    /// <param name="Name">Its name, one of a kind per person.</param>
    /// <param name="Sql">The text.</param>
    internal sealed record SaveQuery(string? Name, string? Sql);

    /// <summary>The body of <c>PATCH /api/v1/queries/{id}</c>; what is left out stays.</summary>
    /// <param name="Name">Its new name.</param>
    /// <param name="Sql">Its new text.</param>
    internal sealed record ChangeQuery(string? Name = null, string? Sql = null);

    /// <summary>The answer to a query; cells are texts as the server writes them.</summary>
    /// <param name="Id">Its number among the past queries.</param>
    /// <param name="State">How it ended.</param>
    /// <param name="Columns">Its columns, in order.</param>
    /// <param name="Rows">Its first rows, each in the order of the columns.</param>
    /// <param name="More">How many rows there are besides; none when they were not counted.</param>
    /// <param name="MoreIsLeast">Whether there are at least that many, and perhaps more.</param>
    /// <param name="TookMs">How long it took, in milliseconds.</param>
    /// <param name="FirstRowsAfterMs">After how many milliseconds its first rows were there; none when there are none.</param>
    /// <param name="Error">Why it failed; none when it did not.</param>
    internal sealed record QueryJson(
        long Id, QueryState State, IReadOnlyList<QueryColumn> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows, long? More,
        bool MoreIsLeast, double TookMs,
        double? FirstRowsAfterMs, QueryError? Error);
}
