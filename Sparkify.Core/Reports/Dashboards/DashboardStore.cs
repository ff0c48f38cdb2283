using System.Text.Json;
using System.Text.RegularExpressions;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Reports.Dashboards;

/// <summary>Dashboards, in the store.</summary>
internal sealed partial class DashboardStore(IStore store, IReports reports, TimeProvider clock) : IDashboards, IStoreListener
{
    private const int MostTiles = 24;
    private const string Columns = "id, name, tiles::text as tiles, version, changed_at, changed_by";
    private readonly Feed<string> _changes = new();

    public Subscription<string> Subscribe() => _changes.Subscribe();

    Task IStoreListener.HeardAsync(string topic, string what, CancellationToken ct)
    {
        if (topic == "dashboard")
        {
            _changes.Publish(what);
        }

        return Task.CompletedTask;
    }

    async Task IStoreListener.CatchUpAsync(CancellationToken ct)
    {
        foreach (var dashboard in await ListAsync(ct))
        {
            _changes.Publish(dashboard.Id);
        }
    }

    public async Task<IReadOnlyList<Dashboard>> ListAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await db.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} from dashboards order by id <> @Home, lower(name)", new { IDashboards.Home }, cancellationToken: ct))).Select(Of)];
    }

    public async Task<Dashboard> GetAsync(string id, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return Of(await ReadAsync(db, id, "", ct));
    }

    public async Task<Dashboard> CreateAsync(string name, Actor actor, CancellationToken ct)
    {
        name = Name(name);
        return await NamedAsync(name, async db =>
        {
            var ids = await db.QueryAsync<string>(new CommandDefinition("select id from dashboards", cancellationToken: ct));
            var taken = ids.ToHashSet(StringComparer.Ordinal);
            var stem = Rest().Replace(name.ToLowerInvariant(), "-").Trim('-') is { Length: > 0 } word ? word : "dashboard";
            var id = Enumerable.Range(1, taken.Count + 1).Select(n => n == 1 ? stem : $"{stem}-{n}").First(i => !taken.Contains(i));
            return await db.QuerySingleAsync<Row>(new CommandDefinition(
                $"insert into dashboards (id, name, changed_at, changed_by) values (@id, @name, @now, @by) returning {Columns}",
                new { id, name, now = clock.GetUtcNow(), by = actor.Name }, cancellationToken: ct));
        }, ct);
    }

    public Task<Dashboard> PinAsync(string id, DashboardTile tile, Actor actor, CancellationToken ct) =>
        ChangeAsync(id, null, now => [.. now.Tiles, tile], actor, ct);

    public Task<Dashboard> ArrangeAsync(
        string id, int version, IReadOnlyList<DashboardTile> tiles, Actor actor, CancellationToken ct) =>
        ChangeAsync(id, version, _ => tiles, actor, ct);

    public async Task<Dashboard> RenameAsync(string id, string name, Actor actor, CancellationToken ct)
    {
        name = Name(name);
        KeepHome(id, "keeps its name");
        return await NamedAsync(
            name, async db => await UpdateAsync(db, Of(await ReadAsync(db, id, "for update", ct)) with { Name = name }, actor, ct), ct);
    }

    public async Task DeleteAsync(string id, Actor actor, CancellationToken ct)
    {
        KeepHome(id, "cannot be deleted, only emptied");
        await using var db = await store.Database.OpenConnectionAsync(ct);
        if (await db.ExecuteAsync(new CommandDefinition("delete from dashboards where id = @id", new { id }, cancellationToken: ct)) == 0)
        {
            throw Missing(id);
        }

        _changes.Publish(id);
    }

    private async Task<Dashboard> ChangeAsync(
        string id, int? version, Func<Dashboard, IReadOnlyList<DashboardTile>> change, Actor actor, CancellationToken ct)
    {
        var changed = await store.InTransactionAsync(async db =>
        {
            var now = Of(await ReadAsync(db, id, "for update", ct));
            if (version is not null && version != now.Version)
            {
                throw SparkifyException.Conflict(
                    $"{now.ChangedBy ?? "Somebody"} changed “{now.Name}” meanwhile. It is shown as it stands now; change it again.");
            }

            var tiles = change(now);
            Check(tiles, now.Name);
            return Of(await UpdateAsync(db, now with { Tiles = tiles }, actor, ct));
        }, ct);
        _changes.Publish(id);
        return changed;
    }

    private Task<Row> UpdateAsync(NpgsqlConnection db, Dashboard changed, Actor actor, CancellationToken ct) =>
        db.QuerySingleAsync<Row>(new CommandDefinition(
            $"""
            update dashboards
            set    name = @Name, tiles = @tiles::jsonb, version = version + 1, changed_at = @now, changed_by = @by
            where  id = @Id returning {Columns}
            """,
            new
            {
                changed.Id,
                changed.Name,
                tiles = JsonSerializer.Serialize(changed.Tiles, JsonSerializerOptions.Web),
                now = clock.GetUtcNow(),
                by = actor.Name,
            }, cancellationToken: ct));

    private void Check(IReadOnlyList<DashboardTile> tiles, string name)
    {
        if (tiles.Count > MostTiles)
        {
            throw SparkifyException.Conflict($"A dashboard holds at most {MostTiles} reports. Take one off, or make another dashboard.");
        }

        foreach (var tile in tiles)
        {
            ReportArguments.Parse(reports.Get(tile.Report), tile.Parameters);
        }

        if (tiles.GroupBy(static t => t.Key).FirstOrDefault(static g => g.Count() > 1)?.First() is { } twice)
        {
            throw SparkifyException.Conflict($"“{reports.Get(twice.Report).Title}” is on {name} with these parameters already.");
        }
    }

    private async Task<Dashboard> NamedAsync(string name, Func<NpgsqlConnection, Task<Row>> write, CancellationToken ct)
    {
        try
        {
            var dashboard = Of(await store.InTransactionAsync(write, ct));
            _changes.Publish(dashboard.Id);
            return dashboard;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw SparkifyException.Conflict($"There is a dashboard named “{name}” already. Choose another name.");
        }
    }

    private static async Task<Row> ReadAsync(NpgsqlConnection db, string id, string locking, CancellationToken ct) =>
        await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from dashboards where id = @id {locking}", new { id }, cancellationToken: ct)) ?? throw Missing(id);

    private static void KeepHome(string id, string what)
    {
        if (id == IDashboards.Home)
        {
            throw SparkifyException.Conflict($"Home's dashboard {what}.");
        }
    }

    private static SparkifyException Missing(string id) => SparkifyException.NotFound($"There is no dashboard '{id}'.");

    private static string Name(string? name) => GivenName.Checked(name, "a dashboard", IDashboards.LongestName);

    private static Dashboard Of(Row row) => new(
        row.id, row.name, JsonSerializer.Deserialize<DashboardTile[]>(row.tiles, JsonSerializerOptions.Web)!, row.version,
        new DateTimeOffset(row.changed_at, TimeSpan.Zero), row.changed_by);

    // What an address does not spell well.
    [GeneratedRegex("[^a-z0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Rest();

    private sealed record Row(string id, string name, string tiles, int version, DateTime changed_at, string? changed_by);
}
