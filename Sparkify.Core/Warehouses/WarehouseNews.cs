using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// Tells of warehouses that other processes on this store change. And keeps out those with other keys: each would give the roles of
/// warehouses passwords that the others cannot compute, and could not open what they encrypted.
/// </summary>
internal sealed class WarehouseNews(IStore store, WarehouseKeys keys, WarehouseChanges changes) : IStoreListener
{
    // Any number will do, as long as it stays.
    private const int Lock = 1_947_305;

    // Each process holds this lock, shared, for the keys it has: one that stands for others is another process's with other keys.
    private const string Others =
        """
        select count(*) from pg_locks
        where  locktype = 'advisory' and classid = @Lock::oid and objsubid = 2 and objid <> hashtext(@first)::oid
          and  database = (select oid from pg_database where datname = current_database())
        """;

    public async Task JoinAsync(NpgsqlConnection session, bool starting, CancellationToken ct)
    {
        var values = new { Lock, first = keys.First };
        // Taken before it is looked for: of two that start at the same time, one at least sees the other.
        await session.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_lock_shared(@Lock, hashtext(@first))", values, cancellationToken: ct));
        if (starting && await session.ExecuteScalarAsync<long>(new CommandDefinition(Others, values, cancellationToken: ct)) > 0)
        {
            throw SparkifyException.Unavailable(
                "Another Sparkify is at work on this database with keys of its own. Processes on one database share the keys: " +
                "give this one the same Sparkify:DataDirectory, on a volume that all of them reach, or a database of its own.");
        }
    }

    public Task HeardAsync(string topic, string what, CancellationToken ct)
    {
        if (topic == "warehouse")
        {
            changes.Names.Publish(what);
        }

        return Task.CompletedTask;
    }

    public async Task CatchUpAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        foreach (var name in await db.QueryAsync<string>(new CommandDefinition("select name from warehouses", cancellationToken: ct)))
        {
            changes.Names.Publish(name);
        }
    }
}
