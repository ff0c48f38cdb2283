using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Gives out the locks of warehouses, each over a session that nothing else uses meanwhile.</summary>
internal sealed class WarehouseLocks(IStore store, TimeProvider clock, int? most = null) : IAsyncDisposable
{
    private const long OfRuns = 42;

    // A pool of their own: a new login for every run would be the longest part of its beginning.
    private readonly Lazy<NpgsqlDataSource> _sessions = new(() => store.NewPool(settings =>
    {
        // Outside of whatever transaction is open here.
        settings.Enlist = false;
        settings.MaxPoolSize = most ?? settings.MaxPoolSize;
        settings.ApplicationName = "sparkify lock";
        // Finds out within a minute that a network between has forgotten the session.
        settings.KeepAlive = 30;
    }));

    /// <summary>Takes the lock of a warehouse; none when it was not free within <paramref name="patience"/>.</summary>
    public async Task<WarehouseLock?> TryTakeAsync(string warehouse, TimeSpan patience, CancellationToken ct) =>
        await OpenAsync(warehouse, patience, ct) is { } session ? new WarehouseLock(this, warehouse, clock, session) : null;

    /// <summary>
    /// A session that holds a lock of a warehouse: that of its runs, or another one that is known by its number. None when it was not free
    /// within <paramref name="patience"/>.
    /// </summary>
    public async Task<NpgsqlConnection?> OpenAsync(string warehouse, TimeSpan patience, CancellationToken ct, long which = OfRuns)
    {
        var session = await _sessions.Value.OpenConnectionAsync(ct);
        var taken = false;
        try
        {
            await using var batch = new NpgsqlBatch(session)
            {
                Timeout = 0,
                BatchCommands =
                {
                    new NpgsqlBatchCommand("select set_config('lock_timeout', $1, false)")
                    {
                        Parameters = { new() { Value = $"{Math.Max(1, (long)patience.TotalMilliseconds)}ms" } },
                    },
                    new NpgsqlBatchCommand("select pg_advisory_lock(hashtextextended($1, $2))")
                    {
                        Parameters = { new() { Value = warehouse }, new() { Value = which } },
                    },
                },
            };
            await batch.ExecuteNonQueryAsync(ct);
            taken = true;
            return session;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }
        finally
        {
            if (!taken)
            {
                await ReleaseAsync(session);
            }
        }
    }

    /// <summary>
    /// Opens the lock of a session and gives the session back. Left to the pool, it would keep its lock until somebody uses it again.
    /// </summary>
    public static async Task ReleaseAsync(NpgsqlConnection session)
    {
        try
        {
            await using var command = new NpgsqlCommand("select pg_advisory_unlock_all()", session);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException)
        {
            // The session is broken, and its lock is gone with it.
        }

        await session.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _sessions.IsValueCreated ? _sessions.Value.DisposeAsync() : ValueTask.CompletedTask;
}
