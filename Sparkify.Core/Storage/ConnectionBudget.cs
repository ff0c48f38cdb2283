using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>
/// How the connections of the one server are divided that holds the store and the local warehouses. Each part has a bound of its own, so
/// that however many warehouses there are, all of them together stay below the server's <c>max_connections</c> (100 on most).
/// </summary>
internal static class ConnectionBudget
{
    /// <summary>The store's pool: pages, the API, the ledger and the job queue.</summary>
    public const int Store = 16;

    /// <summary>
    /// Those who make, plan and remove databases and roles: they keep one while they use the store, so these are not the store's.
    /// </summary>
    public const int Provisioning = 8;

    /// <summary>Those who read published stars at once: reports and profiles.</summary>
    public const int Readers = 8;

    /// <summary>For how many warehouses idle readers' connections are kept.</summary>
    public const int WarmReaderPools = 2;

    /// <summary>Locks of the warehouses whose people's own logins are just being made or removed.</summary>
    public const int LoginLocks = 4;

    // Locks of the warehouses that are at work, and what is not ours: an administrator's psql, a backup.
    private const int Others = 8 + 8;
    private const int LeastForLoads = 6;
    private const int MostForLoads = 64;

    /// <summary>How many are left for the steps of all loads together, beside those that are <paramref name="reserved"/>.</summary>
    public static async Task<int> ForLoadsAsync(NpgsqlDataSource database, int reserved, CancellationToken ct)
    {
        await using var command = database.CreateCommand(
            "select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer");
        var all = (int)(await command.ExecuteScalarAsync(ct))!;
        var taken = Store + Provisioning + (Readers * (WarmReaderPools + 1)) + LoginLocks + Others + reserved;
        return Math.Clamp(all - taken, LeastForLoads, MostForLoads);
    }
}

/// <summary>Connections beside the pools, of those who limit their number themselves.</summary>
/// <param name="Count">How many there are at most.</param>
internal sealed record ReservedConnections(int Count);
