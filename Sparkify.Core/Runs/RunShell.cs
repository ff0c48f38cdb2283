namespace Sparkify.Core.Runs;

/// <summary>
/// Takes a run up when its job fires, under the lock of its warehouse, and has it carried. What goes wrong on the way lets the job be
/// tried again.
/// </summary>
internal sealed class RunShell(
    WarehouseLocks locks, RunLedger ledger, RunQueries queries, RunQueue queue, ActiveRuns active, RunCarrier carrier,
    RunSignals signals, TimeProvider clock)
{
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
            await queue.LookLaterAsync(id, job, LockPatience, stopping);
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

        using var seen = signals.Begin(run, begun);
        try
        {
            run.Change(static view => view);
            if (begun.OthersWait)
            {
                await queue.ShowPlacesAsync(stopping);
            }

            await carrier.CarryAsync(run, job, begun, stopping);
        }
        finally
        {
            active.Leave(run);
        }
    }
}
