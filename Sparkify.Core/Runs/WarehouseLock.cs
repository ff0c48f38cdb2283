using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>
/// The lock of a warehouse: one run at a time works on it, over all processes. It belongs to a session of the store's server and is
/// gone the moment its process is. When only the session breaks (the server restarts), it is taken again at once; when another process
/// was quicker, <see cref="Lost"/> fires.
/// </summary>
internal sealed class WarehouseLock : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly WarehouseLocks _locks;
    private readonly string _warehouse;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _released = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _guarding;
    private NpgsqlConnection? _session;

    public WarehouseLock(WarehouseLocks locks, string warehouse, TimeProvider clock, NpgsqlConnection session)
    {
        (_locks, _warehouse, _clock, _session) = (locks, warehouse, clock, session);
        _guarding = GuardAsync();
    }

    /// <summary>Fires when another process has taken the lock while this one could not hold it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync();
        await _guarding;
        if (_session is not null)
        {
            await WarehouseLocks.ReleaseAsync(_session);
        }
    }

    // Waits on the session for news it never gets: it only ever ends by breaking, or by the release.
    private async Task GuardAsync()
    {
        while (!_released.IsCancellationRequested)
        {
            try
            {
                await _session!.WaitAsync(_released.Token);
            }
            catch (OperationCanceledException) when (_released.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException or IOException)
            {
                await TakeAgainAsync();
            }
        }
    }

    private async Task TakeAgainAsync()
    {
        await _session!.DisposeAsync();
        _session = null;
        while (!_released.IsCancellationRequested)
        {
            try
            {
                _session = await _locks.OpenAsync(_warehouse, TimeSpan.Zero, _released.Token);
                if (_session is null)
                {
                    await _lost.CancelAsync();
                    await _released.CancelAsync();
                }

                return;
            }
            catch (NpgsqlException)
            {
                // The server is not back yet.
                await Task.Delay(Pause, _clock, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
