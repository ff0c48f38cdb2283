using System.Collections.Concurrent;
using Dapper;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// Keeps when warehouses are queried; whoever runs a query says so here, so that the idle guard leaves the warehouse alone.
/// </summary>
public interface IWarehouseUse
{
    /// <summary>
    /// Says that a warehouse is being queried. Written to the store once a minute at most, so it may be said for every query.
    /// </summary>
    Task QueriedAsync(string warehouse, CancellationToken ct);
}

/// <summary>The use of warehouses, in the store, so that a restart forgets none.</summary>
internal sealed class WarehouseUse(IStore store, TimeProvider clock) : IWarehouseUse
{
    private static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _written = new(StringComparer.Ordinal);

    public async Task QueriedAsync(string warehouse, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_written.TryGetValue(warehouse, out var before) && now - before < Grain)
        {
            return;
        }

        _written[warehouse] = now;
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "update warehouses set last_query_at = @now where name = @warehouse", new { now, warehouse }, cancellationToken: ct));
    }
}
