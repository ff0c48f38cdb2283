using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Schedules;

/// <summary>
/// What becomes of the times of schedules when they come. A wake-up only says to look: which time has come is decided by the store and the
/// clock, so any number of them, late and twice, makes one run.
/// </summary>
internal sealed class DueTimes(
    IStore store, IRunStarts runs, PersonRights people, IAuditWriter audit, ScheduleChanges changes, TimeProvider clock,
    ILogger<DueTimes> logger) : IWoken, IUpkeep
{
    // Wake-ups come some seconds late, after a restart some minutes; what is later than this was missed.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    public string Name => "schedules";

    public string Cron => "* * * * *";

    public async Task<IReadOnlyList<WakeUp>> TimesAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return [.. (await ScheduleRows.ListAsync(db, warehouse: null, ct)).Where(static s => !s.Paused)
            .Select(static s => (s.Id, Plan: CronPlan.TryOf(s.Settings))).Where(static s => s.Plan is not null)
            .Select(static s => new WakeUp(s.Id, s.Plan!.Cron, s.Plan.Zone))];
    }

    public async Task WakeAsync(long id, CancellationToken ct)
    {
        await LookAsync(id, ct);
        await TryOpenAsync(ct, schedule: id);
    }

    /// <summary>Looks for what no wake-up has come for, and tries again what is open, as a process may have died in the middle.</summary>
    public async Task WorkAsync(CancellationToken ct)
    {
        foreach (var time in await TimesAsync(ct))
        {
            await LookAsync(time.Id, ct);
        }

        await TryOpenAsync(ct);
    }

    /// <summary>Tries what is open of a warehouse, of a schedule, or of all, the longest waiting first.</summary>
    public async Task TryOpenAsync(CancellationToken ct, string? warehouse = null, long? schedule = null)
    {
        IReadOnlyList<OpenTime> open;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            open = await ScheduleRows.OpenAsync(db, ct, warehouse, schedule);
        }

        foreach (var time in open)
        {
            await TryAsync(time, ct);
        }
    }

    // Writes down which time has come. Of several only the last: one run makes up for all.
    private async Task LookAsync(long id, CancellationToken ct)
    {
        var come = await store.InTransactionAsync(async db =>
        {
            var now = clock.GetUtcNow();
            if (await ScheduleRows.LockAsync(db, id, ct) is not { Paused: false } schedule
                || CronPlan.TryOf(schedule.Settings) is not { } plan || plan.Between(schedule.Since, now) is not { } due)
            {
                return null;
            }

            var open = await ScheduleRows.OpenAsync(db, ct, schedule: id);
            var (outcome, said) = Judge(schedule.Settings, plan, due, now, open);
            await ScheduleRows.ComeAsync(db, id, due.Last, outcome, said, ct);
            return new Settled(schedule, due.Last, outcome, said);
        }, ct);
        if (come is not null)
        {
            await TellAsync(come, ct);
        }
    }

    private static (TimeOutcome Outcome, string? Said) Judge(
        ScheduleSettings settings, CronPlan plan, (DateTimeOffset Last, long Count) due, DateTimeOffset now, IReadOnlyList<OpenTime> open)
    {
        if (open is [var first, ..])
        {
            return (TimeOutcome.Skipped, $"The time before, {Zones.Local(first.Due, plan.Zone)}, still waits for its run.");
        }

        var late = now - due.Last > Grace;
        var missed = late ? due.Count : due.Count - 1;
        if (missed == 0)
        {
            return (TimeOutcome.Due, null);
        }

        var which = missed == 1 ? "A time" : $"{missed:N0} times";
        return late && settings.Misfire == Misfire.Skip
            ? (TimeOutcome.Missed, $"{which} came while the application was not at work, and {(missed == 1 ? "was" : "were")} left out.")
            : (TimeOutcome.Due, settings.Misfire == Misfire.Skip
                ? $"{which} before it came while the application was not at work, and {(missed == 1 ? "was" : "were")} left out."
                : $"It makes up for {(missed == 1 ? "a time" : which)} that came while the application was not at work.");
    }

    private async Task TryAsync(OpenTime time, CancellationToken ct)
    {
        ScheduleRow? schedule;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            schedule = await ScheduleRows.FindAsync(db, time.Schedule, ct);
        }

        if (schedule is null)
        {
            return;
        }

        var settings = schedule.Settings;
        // What it starts is linked to it.
        using var span = Signals.Spans.StartActivity("schedule")?.SetTag("sparkify.schedule.id", schedule.Id)
            .SetTag("sparkify.warehouse", schedule.Warehouse);
        try
        {
            await DemandRightAsync(schedule, ct);
            if (await InTheWayAsync(schedule, ct) is { } other)
            {
                await OverlapAsync(schedule, time, other, ct);
                return;
            }

            if (await runs.StartAsync(schedule.Warehouse, settings.Kind, Starter(schedule), new OfTime(time), ct) is { } run)
            {
                SchedulesLog.Started(logger, settings.Name, schedule.Warehouse, time.Due, run.Id);
                await TellAsync(new Settled(schedule, time.Due, TimeOutcome.Started, $"Run {run.Id}."), ct);
            }
        }
        catch (SparkifyException ex) when (ex is { Kind: ProblemKind.Conflict, ActiveRun: { } active })
        {
            await OverlapAsync(schedule, time, AtWork(active), ct);
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.Unavailable)
        {
            SchedulesLog.NotYet(logger, settings.Name, schedule.Warehouse, time.Due, ex.Message); // asked again in a minute
        }
        catch (SparkifyException ex)
        {
            await SettleAsync(schedule, time, TimeOutcome.Refused, ex.Message, ct);
        }
        catch (Exception ex) when (ex is not OperationCanceledException && !RunFailures.IsTransient(ex))
        {
            // It would keep the other schedules waiting, every minute anew.
            SchedulesLog.Failed(logger, settings.Name, schedule.Warehouse, time.Due, ex);
            await SettleAsync(schedule, time, TimeOutcome.Refused, "It failed for a reason that is in the application's log.", ct);
        }
    }

    // As it stands now, whatever they might when they set it up.
    private async Task DemandRightAsync(ScheduleRow schedule, CancellationToken ct)
    {
        const string TakeOver = "Whoever may start it themselves can take the schedule over, by changing it or by pausing and resuming it.";
        var who = await people.FindAsync(schedule.Person, ct) ?? throw SparkifyException.Denied(
            $"{schedule.Person}, who set this schedule up, has no account here any more. {TakeOver}");
        if (!who.May(schedule.Settings.Kind.Needs(), schedule.Warehouse))
        {
            throw SparkifyException.Denied(
                $"{schedule.Person}, who set this schedule up, may not start a {schedule.Settings.Kind.Word()} of '{schedule.Warehouse}' any more. {TakeOver}");
        }
    }

    // A load would take away what another one asks a person: for a schedule that one is at work until somebody has decided. And what is at
    // work is looked for before the state is: a warehouse that is just being resumed is no paused one.
    private async Task<string?> InTheWayAsync(ScheduleRow schedule, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        if (schedule.Settings.Kind == RunKind.Load && await RunQueries.AskingAsync(db, schedule.Warehouse, ct) is [var asking, ..])
        {
            return $"run {asking} needs a decision";
        }

        return await RunQueries.ActiveOfAsync(db, schedule.Warehouse, ct) is { } active ? AtWork(active) : null;
    }

    private static string AtWork(long run) => $"run {run} is at work";

    private Task OverlapAsync(ScheduleRow schedule, OpenTime time, string why, CancellationToken ct) =>
        schedule.Settings.Overlap == Overlap.Queue
            ? SettleAsync(schedule, time, TimeOutcome.Waiting, $"It waits: {why}.", ct)
            : SettleAsync(schedule, time, TimeOutcome.Skipped, $"It was left out: {why}.", ct);

    private async Task SettleAsync(ScheduleRow schedule, OpenTime time, TimeOutcome outcome, string said, CancellationToken ct)
    {
        bool settled;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            settled = await ScheduleRows.SettleAsync(db, time, outcome, said, ct);
        }

        if (settled)
        {
            SchedulesLog.Settled(logger, schedule.Settings.Name, schedule.Warehouse, time.Due, outcome, said);
            await TellAsync(new Settled(schedule, time.Due, outcome, said), ct);
        }
    }

    private async Task TellAsync(Settled time, CancellationToken ct)
    {
        changes.Names.Publish(time.Schedule.Warehouse);
        if (time.Outcome is TimeOutcome.Due or TimeOutcome.Waiting)
        {
            return;
        }

        var outcome = time.Outcome switch
        {
            TimeOutcome.Started => AuditOutcome.Done,
            TimeOutcome.Refused => AuditOutcome.Refused,
            _ => AuditOutcome.Failed,
        };
        var detail = $"id: {time.Schedule.Id}, kind: {time.Schedule.Settings.Kind.Word()}, due: {time.Due:u}";
        await audit.WriteAsync(
            Starter(time.Schedule).Name, address: "", "schedule", "schedules.time", outcome, ct, time.Schedule.Warehouse, detail,
            time.Said);
    }

    // Who a run is put on record with.
    private static Actor Starter(ScheduleRow schedule) => new($"schedule {schedule.Settings.Name}, set up by {schedule.Person}");

    private sealed record Settled(ScheduleRow Schedule, DateTimeOffset Due, TimeOutcome Outcome, string? Said);

    // A time of a schedule has one run: it is marked in the transaction that starts it.
    private sealed class OfTime(OpenTime time) : IRunClaim
    {
        public Task<bool> TakeAsync(NpgsqlConnection db, CancellationToken ct) => ScheduleRows.TakeAsync(db, time, ct);

        public Task StartedAsync(NpgsqlConnection db, long run, CancellationToken ct) => ScheduleRows.StartedAsync(db, time, run, ct);
    }
}
