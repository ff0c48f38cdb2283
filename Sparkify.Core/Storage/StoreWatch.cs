using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage;

/// <summary>
/// Asks the database once a second over a connection of its own, so that a busy pool is not taken for a server that is away, and now and
/// then logs in anew: a server that is frozen may answer those it knows and nobody else.
/// </summary>
internal sealed class StoreWatch(Store store, TimeProvider clock, ILogger<StoreWatch> logger) : BackgroundService, IStoreWatch
{
    private const int LooksOfALogin = 10;

    // A slow answer may be a busy machine; two in a row are a server that does not answer. A refused connection says so at once.
    private const int MostSlow = 2;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly Feed<bool> _changes = new();

    public bool IsAway => store.IsAway;

    public Subscription<bool> Subscribe() => _changes.Subscribe();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var pool = store.NewPool(static settings =>
        {
            settings.MaxPoolSize = 1;
            settings.Timeout = settings.CommandTimeout = (int)Patience.TotalSeconds;
            settings.CancellationTimeout = -1; // one that does not answer is not asked to stop answering
            settings.ApplicationName = "sparkify Watch";
        });
        using var timer = new PeriodicTimer(Look, clock);
        var slow = 0;
        for (var looks = 1; await timer.WaitForNextTickAsync(stoppingToken); looks++)
        {
            if (looks % LooksOfALogin == 0)
            {
                pool.Clear();
            }

            var failure = await AskAsync(pool, stoppingToken);
            if (failure is not null && !IsSlow(failure))
            {
                // Somebody may have ended this one session: a new one tells whether it was the server.
                failure = await AskAsync(pool, stoppingToken);
            }

            slow = failure is null ? 0 : IsSlow(failure) ? slow + 1 : MostSlow;
            Saw(away: slow >= MostSlow, failure);
        }
    }

    private void Saw(bool away, Exception? failure)
    {
        if (away == store.IsAway)
        {
            return;
        }

        store.IsAway = away;
        if (away)
        {
            StorageLog.Away(logger, failure!.InnerException?.Message ?? failure.Message);
        }
        else
        {
            StorageLog.Back(logger);
        }

        _changes.Publish(away);
    }

    private static async Task<Exception?> AskAsync(NpgsqlDataSource pool, CancellationToken ct)
    {
        try
        {
            await using var command = pool.CreateCommand("select 1");
            await command.ExecuteScalarAsync(ct);
            return null;
        }
        catch (PostgresException ex) when (!DatabaseFaults.IsAway(ex) || ex.SqlState is ['5', '3', ..])
        {
            return null; // it answers, though it has no place for one more
        }
        catch (Exception ex) when (ex is NpgsqlException or SocketException or TimeoutException)
        {
            return ex;
        }
    }

    private static bool IsSlow(Exception ex) => ex is TimeoutException || ex.InnerException is TimeoutException;
}
