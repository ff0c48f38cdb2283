using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>Past and saved queries, in the store.</summary>
internal sealed class QueryStore(IStore store, IWarehouses warehouses, IOptions<QueryOptions> options, TimeProvider clock) : IQueryStore
{
    /// <summary>Takes out old ones of everybody.</summary>
    public const string DeleteOld = "delete from queries where id in (select id from queries where started_at < @before order by id limit @most)";

    private const int Kept = 1000;
    private const int LongestSql = 100_000;
    private const string Past = "id, warehouse, sql, state, started_at, took_ms, row_count, error";

    public async Task<long> BeginAsync(string warehouse, string sql, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            delete from queries where actor = @actor and id <= (select id from queries where actor = @actor order by id desc offset @Kept - 1 limit 1);
            insert into queries (warehouse, actor, sql, started_at) values (@warehouse, @actor, @sql, @now) returning id
            """,
            new { warehouse, actor = actor.Name, sql, now = clock.GetUtcNow(), Kept }, cancellationToken: ct));
    }

    public async Task EndAsync(long id, QueryView last, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "update queries set state = @state, took_ms = @took, row_count = @rows, error = @error where id = @id",
            new
            {
                id,
                state = last.State.ToString().ToLowerInvariant(),
                took = last.Took.TotalMilliseconds,
                rows = last.State == QueryState.Succeeded ? last.Rows + last.More : null,
                error = last.Error?.Message,
            }, cancellationToken: ct));
    }

    public async Task<Page<PastQuery>> HistoryAsync(string warehouse, Actor actor, int page, int size, CancellationToken ct)
    {
        await warehouses.GetAsync(warehouse, ct);
        (page, size) = (Math.Max(1, page), Math.Clamp(size, 1, IQueryStore.MostOnAPage));
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var about = new { warehouse, actor = actor.Name, size, skip = (long)(page - 1) * size };
        var total = await db.ExecuteScalarAsync<long>(new CommandDefinition(
            "select count(*) from queries where warehouse = @warehouse and actor = @actor", about, cancellationToken: ct));
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"select {Past} from queries where warehouse = @warehouse and actor = @actor order by id desc limit @size offset @skip", about,
            cancellationToken: ct));
        return new Page<PastQuery>([.. rows.Select(Of)], total, page, size);
    }

    public async Task<PastQuery> GetAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var row = await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Past} from queries where id = @id and warehouse = @warehouse and actor = @actor",
            new { id, warehouse, actor = actor.Name }, cancellationToken: ct));
        return row is null ? throw SparkifyException.NotFound($"There is no query {id} of yours on '{warehouse}'.") : Of(row);
    }

    public async Task<IReadOnlyList<SavedQuery>> SavedAsync(Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Saved>(new CommandDefinition(
            "select id, name, sql, changed_at from saved_queries where actor = @actor order by lower(name), name",
            new { actor = actor.Name }, cancellationToken: ct))).Select(Of)];
    }

    public async Task<SavedQuery> GetSavedAsync(long id, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<Saved>(new CommandDefinition(
            "select id, name, sql, changed_at from saved_queries where id = @id and actor = @actor", new { id, actor = actor.Name },
            cancellationToken: ct)) is { } saved ? Of(saved) : throw Missing(id);
    }

    public async Task<SavedQuery> SaveAsync(string name, string sql, Actor actor, CancellationToken ct) => await WriteAsync(
        "insert into saved_queries (actor, name, sql, changed_at) values (@actor, @name, @sql, @now) returning id, name, sql, changed_at",
        new { actor = actor.Name, name = Name(name), sql = Sql(sql), now = clock.GetUtcNow() },
            name, ct)
        ?? throw new System.Diagnostics.UnreachableException("An insert gives its row.");

    public async Task<SavedQuery> ChangeAsync(long id, string? name, string? sql, Actor actor, CancellationToken ct)
    {
        if (name is null && sql is null)
        {
            throw SparkifyException.Invalid("Say what to change: the name, the sql, or both.");
        }

        return await WriteAsync(
            """
            update saved_queries set name = coalesce(@name, name), sql = coalesce(@sql, sql), changed_at = @now
            where  id = @id and actor = @actor returning id, name, sql, changed_at
            """,
            new
            {
                id,
                actor = actor.Name,
                name = name is null ? null : Name(name),
                sql = sql is null ? null : Sql(sql),
                now = clock.GetUtcNow(),
            }, name, ct)
            ?? throw Missing(id);
    }

    public async Task DeleteAsync(long id, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var gone = await db.ExecuteAsync(new CommandDefinition(
            "delete from saved_queries where id = @id and actor = @actor", new { id, actor = actor.Name }, cancellationToken: ct));
        if (gone == 0)
        {
            throw Missing(id);
        }
    }

    private async Task<SavedQuery?> WriteAsync(string sql, object values, string? name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        try
        {
            return await db.QuerySingleOrDefaultAsync<Saved>(new CommandDefinition(sql, values, cancellationToken: ct)) is { } saved
                ? Of(saved)
                : null;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw SparkifyException.Conflict(
                $"You have a saved query named '{name?.Trim()}' already. Choose another name, or change that one.");
        }
    }

    private static SparkifyException Missing(long id) => SparkifyException.NotFound($"There is no saved query {id} of yours.");

    private static string Name(string name) => GivenName.Checked(name, "a saved query", IQueryStore.LongestName);

    private static string Sql(string sql) =>
        !string.IsNullOrWhiteSpace(sql) && sql.Length <= LongestSql && !sql.Contains('\0', StringComparison.Ordinal) ? sql
        : throw SparkifyException.Invalid($"A saved query needs a text of at most {LongestSql:N0} characters.");

    // What says it runs although its time is long over belonged to an application that was ended.
    private PastQuery Of(Row row)
    {
        var started = new DateTimeOffset(row.started_at, TimeSpan.Zero);
        var lost = row.state == "running" && clock.GetUtcNow() - started > options.Value.Timeout * 2;
        return new PastQuery(
            row.id, row.warehouse, row.sql, lost ? QueryState.Failed : Enum.Parse<QueryState>(row.state, ignoreCase: true),
            started, row.took_ms is { } ms ? TimeSpan.FromMilliseconds(ms) : null, row.row_count,
            lost ? "The application ended before the query did." : row.error);
    }

    private static SavedQuery Of(Saved row) => new(row.id, row.name, row.sql, new DateTimeOffset(row.changed_at, TimeSpan.Zero));

    private sealed record Row(
        long id, string warehouse, string sql, string state, DateTime started_at, double? took_ms, long? row_count, string? error);

    private sealed record Saved(long id, string name, string sql, DateTime changed_at);
}
