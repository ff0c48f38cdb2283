using Dapper;
using Sparkify.Core.Star;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>The catalogue with the counts of the last publish.</summary>
internal sealed class Tables(IStore store, IWarehouses warehouses) : ITables
{
    public string Facts => StarSchema.Songplays.Name;

    public async Task<IReadOnlyList<TableInfo>> ListAsync(string warehouse, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        var tables = TableCatalogue.On(described.Target);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var counts = (await db.QueryAsync<(string Table, long Rows, long? Bytes)>(new CommandDefinition(
            "select table_name, row_count, byte_count from table_counts where warehouse = @warehouse", new { warehouse },
            cancellationToken: ct)))
            .ToDictionary(c => c.Table);
        return [.. tables.Select(t => counts.TryGetValue(t.Table, out var count) ? t with { Rows = count.Rows, Bytes = count.Bytes } : t)];
    }

    public async Task<PlayCounts?> PlaysAsync(string warehouse, CancellationToken ct)
    {
        await warehouses.GetAsync(warehouse, ct);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<PlayCounts>(new CommandDefinition(
            """
            select events_read as EventsRead, events_staged as EventsStaged, other_pages as OtherPages, repeated_plays as RepeatedPlays,
                   plays as Plays, matched_plays as MatchedPlays, days as Days
            from   play_counts where warehouse = @warehouse
            """,
            new { warehouse }, cancellationToken: ct));
    }
}
