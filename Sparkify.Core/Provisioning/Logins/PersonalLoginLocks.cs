using System.Collections.Concurrent;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Provisioning.Logins;

/// <summary>
/// One at a time makes or removes logins of a warehouse, over all processes; a load holds nobody up. A teardown takes the lock too, once
/// the warehouse is not available any more: what was being made is there by then, and nothing is begun afterwards.
/// </summary>
internal sealed class PersonalLoginLocks(IStore store, TimeProvider clock) : IAsyncDisposable
{
    private const long OfLogins = 43;

    // Longer than a server is waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // However many wait here, they take no connection from those who do something.
    private readonly WarehouseLocks _locks = new(store, clock, ConnectionBudget.LoginLocks);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <summary>Takes the lock of a warehouse until it is disposed of; throws a sentence when it does not come free.</summary>
    public async Task<IAsyncDisposable> TakeAsync(string warehouse, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        var turn = _turns.GetOrAdd(warehouse, static _ => new SemaphoreSlim(1));
        if (!await turn.WaitAsync(Patience, ct))
        {
            throw Taken(warehouse);
        }

        try
        {
            return await _locks.OpenAsync(warehouse, Patience - clock.GetElapsedTime(began), ct, OfLogins) is { } session
                ? new Held(session, turn) : throw Taken(warehouse);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _locks.DisposeAsync();

    private static SparkifyException Taken(string warehouse) => SparkifyException.Conflict(
        $"Another login of '{warehouse}' is being made or removed, and that takes long. Try again in a moment.");

    private sealed class Held(NpgsqlConnection session, SemaphoreSlim turn) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await WarehouseLocks.ReleaseAsync(session);
            turn.Release();
        }
    }
}
