using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Options;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>The registry and the journal, in the store.</summary>
internal sealed class WarehouseRegistry(IStore store, ISources sources, IOptions<SparkifyOptions> options, TimeProvider clock)
    : IWarehouses, IWarehouseJournal
{
    private const string Columns =
        "name, target, source::text as Source, max_rejects as MaxRejects, state, created_at as CreatedAt, created_by as CreatedBy, " +
        "published_at as PublishedAt, published_run as PublishedRun, redshift::text as Redshift, endpoint::text as Endpoint, last_query_at as LastQueryAt";

    private readonly Feed<string> _changes = new();

    public async Task<IReadOnlyList<Warehouse>> ListAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(new CommandDefinition($"select {Columns} from warehouses order by name", cancellationToken: ct))).Select(ToWarehouse)];
    }

    public async Task<Warehouse?> FindAsync(string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var row = await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from warehouses where name = @name", new { name }, cancellationToken: ct));
        return row is null ? null : ToWarehouse(row);
    }

    public async Task<Warehouse> CreateAsync(NewWarehouse request, Actor actor, CancellationToken ct)
    {
        WarehouseName.Check(request.Name);
        var maxRejects = request.MaxRejects ?? options.Value.MaxRejects;
        CheckLimit(maxRejects);
        var redshift = request.CheckedSettings();
        var report = await sources.TestAsync(request.Source, ct);
        if (!report.Good)
        {
            throw SparkifyException.Invalid(string.Join(" ", report.Problems));
        }

        await using var command = store.Database.CreateCommand(
            "insert into warehouses (name, target, source, max_rejects, created_at, created_by, redshift) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing");
        command.Parameters.Add(new() { Value = request.Name });
        command.Parameters.Add(new() { Value = Word(request.Target) });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(request.Source), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new() { Value = maxRejects });
        command.Parameters.Add(new() { Value = clock.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new() { Value = actor.Name });
        command.Parameters.Add(new() { Value = redshift is null ? DBNull.Value : JsonSerializer.Serialize(redshift), NpgsqlDbType = NpgsqlDbType.Json });
        if (await command.ExecuteNonQueryAsync(ct) == 0)
        {
            throw SparkifyException.Conflict($"There is a warehouse named '{request.Name}' already. Choose another name.");
        }

        _changes.Publish(request.Name);
        return (await FindAsync(request.Name, ct))!;
    }

    public async Task<Warehouse> LimitRejectsAsync(string name, int maxRejects, Actor actor, CancellationToken ct)
    {
        CheckLimit(maxRejects);
        await ExecuteAsync("update warehouses set max_rejects = @maxRejects where name = @name", new { name, maxRejects }, name, ct);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task<Warehouse> ReconfigureAsync(string name, RedshiftSettings settings, Actor actor, CancellationToken ct)
    {
        var warehouse = await ((IWarehouses)this).GetAsync(name, ct);
        if ((NewWarehouse.Of(warehouse) with { Redshift = settings }).CheckedSettings() is null)
        {
            throw SparkifyException.Invalid($"The warehouse '{name}' is local: it has no cluster to be changed.");
        }

        await ExecuteAsync("update warehouses set redshift = @settings::json where name = @name", new { name, settings = JsonSerializer.Serialize(settings) }, name, ct);
        return await ((IWarehouses)this).GetAsync(name, ct);
    }

    public async Task ForgetAsync(string name, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var forgotten = await db.ExecuteAsync(new CommandDefinition(
            """
            delete from warehouses where name = @name
               and not exists (select 1 from resources where warehouse = @name and removed_at is null)
               and not exists (select 1 from runs where warehouse = @name and state in ('queued', 'running'))
            """,
            new { name }, cancellationToken: ct));
        if (forgotten == 0)
        {
            var warehouse = await ((IWarehouses)this).GetAsync(name, ct);
            throw SparkifyException.Conflict($"The warehouse '{warehouse.Name}' still owns resources or has a run at work. Tear it down first, then forget it.");
        }

        _changes.Publish(name);
    }

    public async Task<IReadOnlyList<OwnedResource>> ResourcesAsync(string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<(string Kind, string Name, DateTime At, DateTime? Removed)>(new CommandDefinition(
            "select kind, name, journaled_at, removed_at from resources where warehouse = @name order by id", new { name }, cancellationToken: ct));
        return [.. rows.Select(r => new OwnedResource(r.Kind, r.Name, Utc(r.At), r.Removed is { } gone ? Utc(gone) : null))];
    }

    public Subscription<string> Subscribe() => _changes.Subscribe();

    public async Task AddAsync(string warehouse, string kind, string name, CancellationToken ct) => await ExecuteAsync(
        "insert into resources (warehouse, kind, name, journaled_at) values (@warehouse, @kind, @name, @now) on conflict do nothing",
        new { warehouse, kind, name, now = clock.GetUtcNow() }, warehouse, ct);

    public async Task<bool> HasAsync(string warehouse, string kind, string name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from resources where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null)",
            new { warehouse, kind, name }, cancellationToken: ct));
    }

    public async Task RemovedAsync(string warehouse, string kind, string name, CancellationToken ct) => await ExecuteAsync(
        "update resources set removed_at = @now where warehouse = @warehouse and kind = @kind and name = @name and removed_at is null",
        new { warehouse, kind, name, now = clock.GetUtcNow() }, warehouse, ct);

    public async Task SetStateAsync(string warehouse, WarehouseState state, CancellationToken ct)
    {
        var keeps = state is WarehouseState.Available or WarehouseState.Paused;
        await ExecuteAsync(
            """
            with forget_tables as (delete from table_counts where warehouse = @warehouse and not @keeps),
                 forget_plays  as (delete from play_counts  where warehouse = @warehouse and not @keeps)
            update warehouses set state = @state, published_at = case when @keeps then published_at end,
                   published_run = case when @keeps then published_run end, endpoint = case when @keeps then endpoint end
            where  name = @warehouse
            """,
            new { warehouse, state = Word(state), keeps }, warehouse, ct);
    }

    public async Task SetEndpointAsync(string warehouse, WarehouseEndpoint? endpoint, CancellationToken ct) => await ExecuteAsync(
        "update warehouses set endpoint = @endpoint::json where name = @warehouse",
        new { warehouse, endpoint = endpoint is null ? null : JsonSerializer.Serialize(endpoint) }, warehouse, ct);

    public async Task PublishedAsync(string warehouse, long run, IReadOnlyList<TableCount> counts, PlayCounts plays, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            update warehouses set published_at = @now, published_run = @run where name = @warehouse;
            delete from table_counts where warehouse = @warehouse;
            delete from play_counts where warehouse = @warehouse;
            insert into table_counts (warehouse, table_name, row_count, byte_count)
            select @warehouse, * from unnest(@tables::text[], @rows::bigint[], @bytes::bigint[]);
            insert into play_counts (warehouse, events_read, events_staged, other_pages, repeated_plays, plays, matched_plays)
            values (@warehouse, @EventsRead, @EventsStaged, @OtherPages, @RepeatedPlays, @Plays, @MatchedPlays);
            """,
            new
            {
                warehouse,
                run,
                now = clock.GetUtcNow(),
                tables = counts.Select(c => c.Table).ToArray(),
                rows = counts.Select(c => c.Rows).ToArray(),
                bytes = counts.Select(c => c.Bytes).ToArray(),
                plays.EventsRead,
                plays.EventsStaged,
                plays.OtherPages,
                plays.RepeatedPlays,
                plays.Plays,
                plays.MatchedPlays,
            },
            transaction, cancellationToken: ct));
        await transaction.CommitAsync(ct);
        _changes.Publish(warehouse);
    }

    public async Task<Guid> StoreIdAsync(CancellationToken ct)
    {
        await using var command = store.Database.CreateCommand("select id from store");
        return (Guid)(await command.ExecuteScalarAsync(ct))!;
    }

    private static void CheckLimit(int maxRejects)
    {
        if (maxRejects is < 0 or > 100_000)
        {
            throw SparkifyException.Invalid($"The limit of bad records must be between 0 and 100000, was {maxRejects}.");
        }
    }

    private async Task ExecuteAsync(string sql, object values, string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(sql, values, cancellationToken: ct));
        _changes.Publish(warehouse);
    }

    private static Warehouse ToWarehouse(Row row) => new(
        row.Name, Enum.Parse<WarehouseTarget>(row.Target, ignoreCase: true), JsonSerializer.Deserialize<SourceSpec>(row.Source)!, row.MaxRejects,
        Enum.Parse<WarehouseState>(row.State, ignoreCase: true), Utc(row.CreatedAt), row.CreatedBy,
        row.PublishedAt is { } at ? Utc(at) : null, row.PublishedRun,
        row.Redshift is null ? null : JsonSerializer.Deserialize<RedshiftSettings>(row.Redshift),
        row.Endpoint is null ? null : JsonSerializer.Deserialize<WarehouseEndpoint>(row.Endpoint),
        row.LastQueryAt is { } query ? Utc(query) : null);

    private static DateTimeOffset Utc(DateTime at) => new(at, TimeSpan.Zero);

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Target { get; init; } = "";
        public string Source { get; init; } = "";
        public int MaxRejects { get; init; }
        public string State { get; init; } = "";
        public DateTime CreatedAt { get; init; }
        public string CreatedBy { get; init; } = "";
        public DateTime? PublishedAt { get; init; }
        public long? PublishedRun { get; init; }
        public string? Redshift { get; init; }
        public string? Endpoint { get; init; }
        public DateTime? LastQueryAt { get; init; }
    }
}
