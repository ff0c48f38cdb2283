using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>A run that is asked for.</summary>
/// <param name="Warehouse">On what.</param>
/// <param name="Kind">What it is to do.</param>
/// <param name="Then">What follows when it succeeds.</param>
/// <param name="Choice">What it is about.</param>
/// <param name="Actor">Who asks.</param>
internal sealed record NewRun(string Warehouse, RunKind Kind, RunKind? Then, RunChoice Choice, string Actor);

/// <summary>
/// Puts runs into the queue within a transaction of the store: the run, its steps, its first log line and its job stand together, or
/// none of them does. Nothing of it is shown before it stands, nor after the run's own changes.
/// </summary>
internal sealed class RunQueue(
    IStore store, RunQueries queries, ActiveRuns active, IRunScheduler scheduler, RunDecisions decisions, IEnumerable<IRunGate> gates,
    TimeProvider clock)
{
    /// <summary>
    /// Adds a new run. Throws the database's unique violation when the warehouse has an active one. A load or a teardown takes away what
    /// an earlier load may still ask about.
    /// </summary>
    public async Task<long> AddAsync(
        NpgsqlConnection db, NewRun asked, IReadOnlyList<RunStep> steps, CancellationToken ct)
    {
        foreach (var gate in gates)
        {
            await gate.PassAsync(db, asked, ct);
        }

        var run = await RunLedger.AddAsync(db, asked, clock.GetUtcNow(), active.NextRevision(), ct);
        await RunLedger.SaveStepsAsync(run, steps.Select((s, i) => (i, Pending(s.Name, s.Title, attempt: 1))), db, ct);
        if (asked.Kind is RunKind.Load or RunKind.Teardown)
        {
            await decisions.EndAsync(
                db, asked.Warehouse, asked.Actor, $"Run {run}, a {asked.Kind.Word()}, was started before anybody decided.", ct);
        }

        return run;
    }

    /// <summary>Throws a sentence when a run that is tried again, or published, cannot go on just now.</summary>
    public async Task PassAgainAsync(NpgsqlConnection db, RunView run, CancellationToken ct)
    {
        foreach (var gate in gates)
        {
            await gate.PassAgainAsync(db, run, ct);
        }
    }

    /// <summary>
    /// Queues the job of a run; when the transaction stands, its log line and the run are shown. <paramref name="committed"/> comes
    /// before that.
    /// </summary>
    public async Task<RunView> EnqueueAsync(
        NpgsqlConnection db, long run, RunLogLevel level, string message, CancellationToken ct, Action? committed = null)
    {
        var line = await LogAsync(db, run, level, message, ct);
        RunView? view = null;
        await ScheduleAsync(db, run, TimeSpan.Zero, () =>
        {
            committed?.Invoke();
            active.Lines.Publish(line);
            active.Show(view!);
        }, ct);
        view = await RunQueries.FindAsync(db, run, ct) ?? throw new InvalidOperationException($"Run {run} vanished as it was queued.");
        return view;
    }

    /// <summary>
    /// Makes a new job the one that carries a run, at once or after a while; an older job that fires leaves the run alone.
    /// </summary>
    public async Task ScheduleAsync(NpgsqlConnection db, long run, TimeSpan delay, Action committed, CancellationToken ct)
    {
        var title = await RunQueries.TitleAsync(db, run, ct);
        await RunLedger.CarryAsync(db, run, scheduler.Enqueue(run, title!, db, delay, committed), ct);
    }

    /// <summary>Has a run that is still a job's looked at again later, when another worker has let go of its warehouse.</summary>
    public async Task LookLaterAsync(long run, long job, TimeSpan delay, CancellationToken ct) => await store.InTransactionAsync(async db =>
    {
        if (await RunQueries.IsActiveAsync(db, run, ct, job))
        {
            await ScheduleAsync(db, run, delay, static () => { }, ct);
        }

        return true;
    }, ct);

    /// <summary>Shows the places of the runs that wait for a worker: every run that begins moves them one up.</summary>
    public async Task ShowPlacesAsync(CancellationToken ct)
    {
        foreach (var queued in await queries.QueuedAsync(ct))
        {
            active.Show(queued with { Revision = active.NextRevision() });
        }
    }

    /// <summary>Writes a log line of a run that nobody works on; the caller publishes it after the commit.</summary>
    public Task<RunLogLine> LogAsync(NpgsqlConnection db, long run, RunLogLevel level, string message, CancellationToken ct) =>
        RunLedger.LogAsync(db, run, clock.GetUtcNow(), level, message, ct);

    /// <summary>A step that has not begun.</summary>
    public static StepView Pending(string name, string title, int attempt) =>
        new(name, title, StepState.Pending, attempt, null, null, null, null, null, null, null, null, null, null, null);
}
