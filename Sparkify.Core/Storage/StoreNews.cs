using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkify.Core.Storage;

/// <summary>
/// Listens to what other processes on this store tell (triggers do, on commit) and passes it on. A session that breaks is replaced; what
/// was not heard meanwhile is caught up on.
/// </summary>
internal sealed class StoreNews(
    Store store, IEnumerable<IStoreListener> listeners, TimeProvider clock, ILogger<StoreNews> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly IReadOnlyList<IStoreListener> _listeners = [.. listeners];
    private NpgsqlDataSource? _sessions;
    private NpgsqlConnection? _first;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _sessions = store.NewPool(static settings =>
        {
            settings.Pooling = false;
            settings.Enlist = false;
            settings.ApplicationName = "sparkify news";
            // Finds out within a minute that a network between has forgotten the session.
            settings.KeepAlive = 30;
        });
        _first = await OpenAsync(starting: true, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var session = Interlocked.Exchange(ref _first, null) ?? await OpenAsync(starting: false, stoppingToken);
                await ListenAsync(session, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex) when (ex is NpgsqlException or InvalidOperationException or IOException or TimeoutException)
            {
                StorageLog.NewsLost(logger, ex.Message);
                // What ended this session has most often ended those that are kept for later, too: else a call each would find that out.
                store.Database.Clear();
                await Task.Delay(Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _first?.Dispose();
        _sessions?.Dispose();
        base.Dispose();
    }

    private async Task<NpgsqlConnection> OpenAsync(bool starting, CancellationToken ct)
    {
        var session = await _sessions!.OpenConnectionAsync(ct);
        try
        {
            foreach (var listener in _listeners)
            {
                await listener.JoinAsync(session, starting, ct);
            }

            await using var listen = new NpgsqlCommand("listen sparkify", session);
            await listen.ExecuteNonQueryAsync(ct);
            return session;
        }
        catch
        {
            await session.DisposeAsync(); // the caller never gets it
            throw;
        }
    }

    // Whatever goes wrong with one piece of news (a newer version may tell of what this one does not know), the others are heard.
    private async Task TellAsync(Func<Task> tell, CancellationToken ct)
    {
        try
        {
            await tell();
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            StorageLog.NewsNotTaken(logger, ex);
        }
    }

    private async Task ListenAsync(NpgsqlConnection session, CancellationToken ct)
    {
        HashSet<(string Topic, string What)> heard = [];
        session.Notification += (_, news) =>
        {
            if (news.Payload.Split(' ', 3) is [var process, var topic, var what] && process != store.Process)
            {
                heard.Add((topic, what));
            }
        };
        foreach (var listener in _listeners)
        {
            await TellAsync(() => listener.CatchUpAsync(ct), ct);
        }

        while (true)
        {
            await session.WaitAsync(ct);
            var all = heard.ToArray();
            heard.Clear();
            foreach (var (topic, what) in all)
            {
                foreach (var listener in _listeners)
                {
                    await TellAsync(() => listener.HeardAsync(topic, what, ct), ct);
                }
            }
        }
    }
}
