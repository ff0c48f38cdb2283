using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>
/// The lock of a warehouse: one run at a time works on it, over all processes. It belongs to a session of the store's server and is
/// gone the moment its process is. When only the session breaks (the server restarts), it is taken again at once; when another process
/// was quicker, <see cref="Lost"/> fires.
/// </summary>
internal sealed class WarehouseLock : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly IStore _store;
    private readonly string _warehouse;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _released = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _guarding;
    private NpgsqlConnection? _session;

    private WarehouseLock(IStore store, string warehouse, TimeProvider clock, NpgsqlConnection session)
    {
        (_store, _warehouse, _clock, _session) = (store, warehouse, clock, session);
        _guarding = GuardAsync();
    }

    /// <summary>Fires when another process has taken the lock while this one could not hold it.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Takes the lock of a warehouse; none when it was not free within <paramref name="patience"/>.</summary>
    public static async Task<WarehouseLock?> TryTakeAsync(IStore store, string warehouse, TimeSpan patience, TimeProvider clock, CancellationToken ct) =>
        await OpenAsync(store, warehouse, patience, ct) is { } session ? new WarehouseLock(store, warehouse, clock, session) : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _released.CancelAsync();
        await _guarding;
        if (_session is not null)
        {
            await _session.DisposeAsync();
        }

        _released.Dispose();
        _lost.Dispose();
    }

    // Not from the pool: a pooled session keeps its locks until somebody uses it again.
    private static async Task<NpgsqlConnection?> OpenAsync(IStore store, string warehouse, TimeSpan patience, CancellationToken ct)
    {
        var database = new NpgsqlConnectionStringBuilder(store.Database.ConnectionString).Database!;
        var text = new NpgsqlConnectionStringBuilder(store.ConnectionString(database))
        {
            Pooling = false,
            // Outside of whatever transaction is open here.
            Enlist = false,
            ApplicationName = "sparkify lock",
            // Finds out within a minute that a network between has forgotten the session.
            KeepAlive = 30,
        };
        var session = new NpgsqlConnection(text.ConnectionString);
        var taken = false;
        try
        {
            await session.OpenAsync(ct);
            await using var batch = new NpgsqlBatch(session)
            {
                Timeout = 0,
                BatchCommands =
                {
                    new NpgsqlBatchCommand("select set_config('lock_timeout', $1, false)")
                    {
                        Parameters = { new() { Value = $"{Math.Max(1, (long)patience.TotalMilliseconds)}ms" } },
                    },
                    new NpgsqlBatchCommand("select pg_advisory_lock(hashtextextended($1, 42))") { Parameters = { new() { Value = warehouse } } },
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
                await session.DisposeAsync();
            }
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
                _session = await OpenAsync(_store, _warehouse, TimeSpan.Zero, _released.Token);
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
