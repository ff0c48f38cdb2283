using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Logins;

/// <summary>
/// One at a time makes or removes logins of a warehouse, over all processes; a load holds nobody up. A teardown takes the lock too, once
/// the warehouse is not available any more: what was being made is there by then, and nothing is begun afterwards.
/// </summary>
internal sealed class PersonalLoginLocks(WarehouseLocks locks)
{
    private const long OfLogins = 43;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Takes the lock of a warehouse until it is disposed of; throws a sentence when it does not come free.</summary>
    public async Task<IAsyncDisposable> TakeAsync(string warehouse, CancellationToken ct) =>
        await locks.OpenAsync(warehouse, Patience, ct, OfLogins) is { } session ? new Held(session) : throw SparkifyException.Conflict(
            $"Another login of '{warehouse}' is being made or removed, and that takes long. Try again in a moment.");

    private sealed class Held(NpgsqlConnection session) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(WarehouseLocks.ReleaseAsync(session));
    }
}
