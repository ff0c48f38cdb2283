using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>
/// Takes a run up when its job fires, under the lock of its warehouse, and lets it go again: ended, waiting, or handed over because the
/// application stops. Nothing that goes wrong on the way is lost: it becomes the run's own error, or the job is tried again.
/// </summary>
internal sealed class RunShell(
    IStore store, WarehouseLocks locks, RunLedger ledger, RunWriter writer, RunQueries queries, RunQueue queue, ActiveRuns active, RunSteps steps, RunEnding ending,
    IHostApplicationLifetime host, TimeProvider clock, ILogger<RunShell> logger)
{
    private const int MostStarts = 5;

    // Longer than a thawed worker needs to notice that its job is another's.
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Works on a run; returns when it has ended, waits, or is another job's. Throws <see cref="OperationCanceledException"/> when the
    /// application stops first, or when another worker has taken the job over.
    /// </summary>
    public async Task WorkAsync(long id, long job, CancellationToken stopping)
    {
        if (await queries.ActiveWarehouseAsync(id, stopping) is not { } warehouse)
        {
            return; // ended meanwhile
        }

        // A second firing (of a run whose worker only seemed to be dead) waits until the first has let go, and then looks at the ledger.
        // Returning instead would lose the run: the first one is told at this moment that its job is gone.
        await using var held = await locks.TryTakeAsync(warehouse, LockPatience, stopping);
        if (held is null)
        {
            await LookLaterAsync(id, job, stopping);
            return;
        }

        using var taken = CancellationTokenSource.CreateLinkedTokenSource(stopping, held.Lost);
        if (await ledger.BeginAsync(id, job, clock.GetUtcNow(), taken.Token) is { } begun)
        {
            await BegunAsync(id, job, begun, taken.Token);
        }
    }

    private async Task BegunAsync(long id, long job, RunLedger.Begun begun, CancellationToken stopping)
    {
        var now = await queries.FindAsync(id, stopping) ?? throw new InvalidOperationException($"Run {id} vanished as it began.");
        var run = new ActiveRun(active, now, begun.LastLogLine, clock);
        if (!active.TryEnter(run))
        {
            throw new InvalidOperationException($"Run {id} is at work here, though another has its warehouse's lock.");
        }

        try
        {
            RunsLog.Begins(logger, id, now.Kind, now.Warehouse, begun.Starts);
            run.Change(static view => view);
            if (begun.OthersWait)
            {
                await ShowPlacesAsync(stopping);
            }

            await CarryAsync(run, job, begun, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await HandOverAsync(run);
            throw;
        }
        finally
        {
            active.Leave(run);
        }
    }

    private async Task CarryAsync(ActiveRun run, long job, RunLedger.Begun begun, CancellationToken stopping)
    {
        StepsOutcome outcome;
        // Asked again now that a cancel finds the run here: one that came a moment earlier only wrote its wish down.
        var cancelled = begun.CancelAsked || await queries.CancelAskedAsync(run.Id, stopping);
        if (cancelled && begun.Waited)
        {
            // The step that waits gets to say what its end means.
            await run.StopAsync();
            outcome = await WorkAsync(run, begun, stopping);
        }
        else if (cancelled)
        {
            outcome = new StepsOutcome(RunState.Cancelled);
        }
        else if (begun.Starts > MostStarts)
        {
            outcome = new StepsOutcome(
                RunState.Failed, $"The application stopped {MostStarts} times in the middle of the same step. Read its log, then retry.");
        }
        else
        {
            outcome = await WorkAsync(run, begun, stopping);
        }

        if (outcome.LookAgain is { } after)
        {
            await ending.WaitAsync(run, job, after, stopping);
            return;
        }

        await steps.CloseAsync(run, stopping);
        await ending.EndAsync(run, outcome.State, outcome.Error, outcome.State == RunState.Succeeded ? begun.NextKind : null, stopping);
    }

    // What goes wrong before the steps are reached, such as a warehouse that is not what it was, is the run's own error.
    private async Task<StepsOutcome> WorkAsync(ActiveRun run, RunLedger.Begun begun, CancellationToken stopping)
    {
        try
        {
            return await steps.WorkAsync(run, begun, stopping);
        }
        catch (Exception ex) when (ex is not OperationCanceledException && !RunFailures.IsTransient(ex))
        {
            RunsLog.NotTakenUp(logger, run.Id, ex);
            return new StepsOutcome(RunState.Failed, RunFailures.Sentence(ex));
        }
    }

    private async Task LookLaterAsync(long id, long job, CancellationToken ct) => await store.InTransactionAsync(async db =>
    {
        if (await RunQueries.IsActiveAsync(db, id, ct, job))
        {
            await queue.ScheduleAsync(db, id, LockPatience, static () => { }, ct);
        }

        return true;
    }, ct);

    // Every run that begins moves those that wait for a worker one place up.
    private async Task ShowPlacesAsync(CancellationToken ct)
    {
        foreach (var queued in await queries.QueuedAsync(ct))
        {
            active.Show(queued with { Revision = active.NextRevision() });
        }
    }

    private async Task HandOverAsync(ActiveRun run)
    {
        RunsLog.HandedOver(logger, run.Id);
        run.Log(RunLogLevel.Warning, step: null, attempt: null, host.ApplicationStopping.IsCancellationRequested
            ? "The application stops; the run goes on when it starts again."
            : "This worker did not answer for a while; the run goes on with another.");
        try
        {
            await writer.SaveLogAsync(run, CancellationToken.None);
        }
        catch (NpgsqlException ex)
        {
            RunsLog.StoreDoesNotAnswer(logger, run.Id, ex); // only lines of the log are lost
        }
    }
}
