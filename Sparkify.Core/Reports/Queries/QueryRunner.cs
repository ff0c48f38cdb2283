using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Reports.Csv;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>Runs ad-hoc queries.</summary>
internal sealed class QueryRunner(
    IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseUse use, QueryStore store, QueryPlaces places,
    IOptions<QueryOptions> options, TimeProvider clock, ILogger<QueryRunner> logger) : IQueries
{
    private const int Longest = 100_000;

    // What a read-only transaction keeps from writing only halfway: UNLOAD writes to S3, and a procedure may end the transaction.
    private static readonly HashSet<string> Reads = new(StringComparer.Ordinal) { "select", "with", "values", "table", "show", "explain" };

    public int MostRows => options.Value.MostRows;

    public TimeSpan Timeout => options.Value.Timeout;

    public async Task<IQueryRun> StartAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, int? maxRows = null,
        IReadOnlyDictionary<string, string>? values = null)
    {
        if (maxRows is < 1 || maxRows > MostRows)
        {
            throw SparkifyException.Invalid($"A query keeps from 1 to {MostRows} rows, not {maxRows}. The CSV has all.");
        }

        var asked = await AskedAsync(warehouse, sql, ct);
        var bound = SqlParameters.Bind(sql, values);
        var place = places.Enter(actor);
        try
        {
            await use.QueriedAsync(warehouse, ct);
            var id = await store.BeginAsync(warehouse, sql, actor, ct);
            return new QueryRun(
                id, sql, maxRows ?? MostRows, Timeout, place,
                stop => QuerySession.OpenAsync(databases, place, asked, bound.Sql, bound.Values, Timeout, stop),
                last => store.EndAsync(id, last, CancellationToken.None), logger);
        }
        catch
        {
            place.Dispose(); // the query never gets it
            throw;
        }
    }

    public async Task<IReadOnlyList<string>> ExplainAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null,
        bool measured = false)
    {
        var asked = await AskedAsync(warehouse, sql, ct);
        var bound = SqlParameters.Bind(sql, values);
        using var place = places.Enter(actor);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, place.Ended);
        ct = either.Token;
        place.EndsAfter(Timeout);
        await use.QueriedAsync(warehouse, ct);
        // With its options in brackets, the server takes no ANALYZE after them. Redshift has no such options, and does not run what it
        // explains.
        var prefix = asked.Target == WarehouseTarget.Redshift ? "explain " : measured ? "explain (costs, analyze) " : "explain (costs) ";
        try
        {
            await using var session = await QuerySession.OpenAsync(databases, place, asked, prefix + bound.Sql, bound.Values, Timeout, ct);
            await using var reader = await session.ReadAsync(ct);
            List<string> lines = [];
            while (await reader.ReadAsync(ct))
            {
                lines.Add(reader.GetString(0));
            }

            return lines;
        }
        catch (Exception ex) when (place.IsWhy(ex))
        {
            throw place.Refusal(ex);
        }
        catch (Exception ex) when (QueryWords.Knows(ex))
        {
            throw Sentence(QueryWords.Error(ex, sql, Timeout, prefix.Length), ex);
        }
    }

    public async Task<ICsvSource> OpenCsvAsync(
        string warehouse, string sql, Actor actor, CancellationToken ct, IReadOnlyDictionary<string, string>? values = null)
    {
        var asked = await AskedAsync(warehouse, sql, ct);
        var bound = SqlParameters.Bind(sql, values);
        var place = places.Enter(actor);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, place.Ended);
        ct = either.Token;
        var limit = options.Value.CsvTimeout;
        place.EndsAfter(limit);
        QuerySession? session = null;
        try
        {
            await use.QueriedAsync(warehouse, ct);
            session = await QuerySession.OpenAsync(databases, place, asked, bound.Sql, bound.Values, limit, ct);
            var rows = await session.ReadAsync(ct);
            List<string> notes =
            [
                "Query:", .. sql.ReplaceLineEndings("\n").Trim().Split('\n').Select(line => $"  {line}"),
                .. SqlParameters.Names(sql).Zip(bound.Values, static (name, value) => $"{name}: {value.ReplaceLineEndings(" ")}"),
                $"Warehouse: {warehouse}",
                asked.PublishedRun is { } run
                    ? $"Data: published by run {run} at {asked.PublishedAt?.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC"
                    : "Data: nothing is published",
                $"Written: {clock.GetUtcNow().UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
            ];
            return new QueryCsv($"{warehouse}-query.csv", notes, session.Command, rows, session, place);
        }
        catch (Exception ex) when (place.IsWhy(ex))
        {
            await place.LeaveAsync(session);
            throw place.Refusal(ex);
        }
        catch (Exception ex) when (QueryWords.Knows(ex))
        {
            await place.LeaveAsync(session);
            throw Sentence(QueryWords.Error(ex, sql, limit), ex);
        }
        catch
        {
            await place.LeaveAsync(session);
            throw;
        }
    }

    private async Task<Warehouse> AskedAsync(string warehouse, string sql, CancellationToken ct)
    {
        var asked = await warehouses.GetAsync(warehouse, ct);
        if (asked.State != WarehouseState.Available)
        {
            throw SparkifyException.Conflict($"The warehouse '{warehouse}' is {asked.State.ToString().ToLowerInvariant()}, so it answers no queries. Provision or resume it first.");
        }

        return string.IsNullOrWhiteSpace(sql) ? throw SparkifyException.Invalid(
            "There is no query: write one, such as select * from songplays.")
            : sql.Length > Longest ? throw SparkifyException.Invalid(
                $"The query has {sql.Length:N0} characters; {Longest:N0} are the most.")
            : sql.Contains('\0', StringComparison.Ordinal) ? throw SparkifyException.Invalid(
                "The query holds a NUL character, which SQL cannot. Take it out.")
            : asked.OneLogin && SqlStatements.Verb(PastedSql.Clean(sql)) is { } verb && !Reads.Contains(verb)
            ? throw SparkifyException.Invalid(
                $"This warehouse has no separate reader: queries run as the login that also loads, so only {Words.List([.. Reads.Select(static w => w.ToUpperInvariant())])} are sent, and not {verb.ToUpperInvariant()}.")
            : asked;
    }

    private static SparkifyException Sentence(QueryError error, Exception inner) => new(
        !DatabaseFaults.IsDiskFull(inner) && inner is PostgresException or NotSupportedException
            ? ProblemKind.Invalid : ProblemKind.Unavailable,
        $"{(error.Line is { } line ? $"Line {line}, column {error.Column}: " : "")}{error.Message}{(error.Hint is { } hint ? $" {hint}" : "")}",
        inner);
}
