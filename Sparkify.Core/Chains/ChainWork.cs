using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Chains;

/// <summary>
/// Starts the part of a chain that comes next, and says how a chain went. It looks when a run of one ends here, at the start, and once a
/// minute for what ended in a process that died or while the store did not answer; any number of looks make one run of each part.
/// </summary>
internal sealed class ChainWork(
    IStore store, IRuns runs, IRunStarts starts, INoticeOutbox notices, ChainChanges changes, TimeProvider clock, ILogger<ChainWork> logger)
    : BackgroundService, IUpkeep
{
    // For so long after its end it is looked whether a part that was tried again has made another thing of it.
    private static readonly TimeSpan Afterwards = TimeSpan.FromDays(1);

    public string Name => "chains";

    public string Cron => "* * * * *";

    /// <summary>Looks at every chain that is at work, or that may have become another thing since it ended.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        IReadOnlyList<long> open;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            open = await ChainRows.OpenAsync(db, clock.GetUtcNow() - Afterwards, ct);
        }

        foreach (var chain in open)
        {
            // One that cannot be looked at must not keep the others from their end.
            await TryAsync($"{chain}", () => LookAsync(chain, ct), ct);
        }
    }

    /// <summary>Starts the next part of a chain, or writes down how it went.</summary>
    public async Task LookAsync(long id, CancellationToken ct)
    {
        while (true)
        {
            ChainRow? chain;
            await using (var db = await store.Database.OpenConnectionAsync(ct))
            {
                chain = await ChainRows.FindAsync(db, id, ct);
            }

            if (chain is null)
            {
                return; // forgotten with its warehouse
            }

            var course = ChainCourse.Of(chain);
            if (course.Next is not { } next)
            {
                if (course.State != ChainState.Running && (course.State, course.Said) != (chain.State, chain.Said))
                {
                    await EndAsync(id, ct);
                }

                return;
            }

            if (!await RefusedAsync(chain, next, ct))
            {
                return;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var feed = runs.Subscribe();
        await TryAsync("all", () => WorkAsync(stoppingToken), stoppingToken);
        while (await feed.Reader.WaitToReadAsync(stoppingToken))
        {
            HashSet<long> ended = [];
            while (feed.Reader.TryRead(out var run))
            {
                if (run is { Active: false, Chain: { } chain })
                {
                    ended.Add(chain);
                }
            }

            foreach (var chain in ended)
            {
                await TryAsync($"{chain}", () => LookAsync(chain, stoppingToken), stoppingToken);
            }
        }
    }

    private async Task TryAsync(string chain, Func<Task> look, CancellationToken ct)
    {
        try
        {
            await look();
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            // What ended this loop would end the application. The look of each minute tries again.
            ChainsLog.NotLooked(logger, chain, ex);
        }
    }

    // Starts a part; gives whether it was refused for good, so that the chain goes on without it.
    private async Task<bool> RefusedAsync(ChainRow chain, RunKind part, CancellationToken ct)
    {
        string why;
        try
        {
            if (await starts.StartAsync(chain.Warehouse, part, new Actor(chain.Actor), new OfPart(chain.Id, part), ct) is { } run)
            {
                ChainsLog.Started(logger, chain.Id, chain.Warehouse, part, run.Id);
                changes.Names.Publish(chain.Warehouse);
            }

            return false; // started, or by another process
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Unavailable || ex.ActiveRun is not null)
        {
            // Looked at again in a minute, or when the run that is in the way has ended: one of its own, which somebody had tried again.
            ChainsLog.NotYet(logger, chain.Id, chain.Warehouse, part, ex.Message);
            return false;
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Conflict && part is (RunKind.Pause or RunKind.Teardown))
        {
            // The warehouse owns nothing, or does not run.
            why = $"{ChainCourse.NothingUp} {ex.Message}";
        }
        catch (SparkifyException ex)
        {
            why = ex.Message;
        }
        catch (Exception ex) when (ex is not OperationCanceledException && !RunFailures.IsTransient(ex))
        {
            // It must not keep what the chain began from being ended.
            ChainsLog.Failed(logger, chain.Id, chain.Warehouse, part, ex);
            why = "It failed for a reason that is in the application's log.";
        }

        ChainsLog.Refused(logger, chain.Id, chain.Warehouse, part, why);
        return await store.InTransactionAsync(async db =>
        {
            if (await ChainRows.FindAsync(db, chain.Id, ct, locks: true) is not { } now || ChainCourse.Of(now).Next != part)
            {
                return false;
            }

            await ChainRows.RefuseAsync(db, chain.Id, part, why, ct);
            return true;
        }, ct);
    }

    private async Task EndAsync(long id, CancellationToken ct)
    {
        var ended = await store.InTransactionAsync(async db =>
        {
            if (await ChainRows.FindAsync(db, id, ct, locks: true) is not { } chain || ChainCourse.Of(chain) is not { Next: null } course
                || course.State == ChainState.Running)
            {
                return null;
            }

            await ChainRows.EndAsync(db, id, course.State, course.Said, clock.GetUtcNow(), ct);
            if (course.ToTell is { } part)
            {
                await TellAsync(db, chain, part, course.Said!, ct);
            }

            return chain with { State = course.State, Said = course.Said };
        }, ct);
        if (ended is not null)
        {
            ChainsLog.Ended(logger, id, ended.Warehouse, ended.State, ended.Said!);
            changes.Names.Publish(ended.Warehouse);
        }
    }

    // Once, whatever becomes of its parts afterwards; while it is at work nobody is told of the runs themselves, since they are part of it.
    private Task TellAsync(NpgsqlConnection db, ChainRow chain, ChainPart part, string said, CancellationToken ct) => notices.AddAsync(
        db, new Notice(NoticeEvent.Failed, clock.GetUtcNow(), chain.Warehouse, $"Chain {chain.Id} of '{chain.Warehouse}' failed. {said}")
        {
            Run = chain.Runs.FirstOrDefault(r => r.Id == part.Run) is { } run
                ? new NoticeRun(run.Id, run.Kind, run.State, run.Error) : null,
        }, ct, occasion: $"chain {chain.Id}");

    // A part has one run: it is looked again whether its turn has come in the transaction that starts it, with the chain locked.
    private sealed class OfPart(long id, RunKind part) : IRunClaim
    {
        public async Task<bool> TakeAsync(NpgsqlConnection db, CancellationToken ct)
        {
            if (await ChainRows.FindAsync(db, id, ct, locks: true) is not { } chain || ChainCourse.Of(chain).Next != part)
            {
                return false;
            }

            await ChainRows.StartingAsync(db, id, starting: true, ct);
            return true;
        }

        public Task StartedAsync(NpgsqlConnection db, long run, CancellationToken ct) => ChainGate.StartedAsync(db, id, run, ct);
    }
}
