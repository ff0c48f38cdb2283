using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Schedules;

/// <summary>What becomes of a time that came while the application was not at work.</summary>
public enum Misfire
{
    /// <summary>One run makes up for all that were missed.</summary>
    Once,

    /// <summary>They are left out; the next time is the next one due.</summary>
    Skip,
}

/// <summary>What becomes of a time at which the warehouse has another run.</summary>
public enum Overlap
{
    /// <summary>It is left out, and the schedule says so.</summary>
    Refuse,

    /// <summary>It waits, and runs when the other one has ended.</summary>
    Queue,
}

/// <summary>What became of a time of a schedule.</summary>
public enum TimeOutcome
{
    /// <summary>It has come, and nothing has become of it yet.</summary>
    Due,

    /// <summary>It waits for another run of the warehouse to end.</summary>
    Waiting,

    /// <summary>Its run was started.</summary>
    Started,

    /// <summary>It was left out because something else was at work, or the schedule was paused meanwhile.</summary>
    Skipped,

    /// <summary>It came while the application was not at work, and was left out.</summary>
    Missed,

    /// <summary>Its run was refused: the warehouse is not in a state for it, or its person may not any more.</summary>
    Refused,
}

/// <summary>What a schedule is to be.</summary>
/// <param name="Name">Its name, of which its warehouse has one.</param>
/// <param name="Kind">What it runs: a load, or a check of files.</param>
/// <param name="Cron">When: minute, hour, day of month, month and day of week.</param>
/// <param name="Zone">In which time zone, by its IANA name.</param>
/// <param name="Misfire">What becomes of times that were missed.</param>
/// <param name="Overlap">What becomes of times at which the warehouse has another run.</param>
public sealed record ScheduleSettings(
    string Name, RunKind Kind, string Cron, string Zone, Misfire Misfire = Misfire.Once, Overlap Overlap = Overlap.Refuse)
{
    /// <summary>The most characters of a name.</summary>
    public const int LongestName = 60;
}

/// <summary>A time at which a schedule will be due.</summary>
/// <param name="At">When.</param>
/// <param name="Local">The same as a clock in its zone shows it: <c>Mon 30 Nov 2026, 02:30 CET</c>.</param>
/// <param name="Away">How far off it was when this was asked: <c>in 3 days</c>.</param>
public sealed record NextTime(DateTimeOffset At, string Local, string Away);

/// <summary>The latest time of a schedule that has come.</summary>
/// <param name="Due">When it was due.</param>
/// <param name="Local">The same as a clock in its zone shows it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Said">Why, or what else is to be known, as a sentence.</param>
/// <param name="Run">The run it started.</param>
/// <param name="RunState">Where that run stands.</param>
public sealed record LastTime(DateTimeOffset Due, string Local, TimeOutcome Outcome, string? Said, long? Run, RunState? RunState);

/// <summary>A schedule of a warehouse.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Its warehouse.</param>
/// <param name="Settings">What it is.</param>
/// <param name="Paused">Whether it is paused: no time of it comes.</param>
/// <param name="SetUpBy">Who made, changed or resumed it last: it starts runs for as long as they may.</param>
/// <param name="SetUpAt">When.</param>
/// <param name="Words">Its times in words, or why there are none.</param>
/// <param name="Next">Its next times; none while it is paused.</param>
/// <param name="Last">What became of its latest time; none when none has come.</param>
public sealed record Schedule(
    long Id, string Warehouse, ScheduleSettings Settings, bool Paused, string SetUpBy, DateTimeOffset SetUpAt, string Words,
    IReadOnlyList<NextTime> Next, LastTime? Last)
{
    /// <summary>Whether it has a text in its name, its warehouse or the name of who set it up; upper and lower case are the same.</summary>
    public bool Has(string? text) => string.IsNullOrWhiteSpace(text)
        || new[] { Settings.Name, Warehouse, SetUpBy }.Any(t => t.Contains(text.Trim(), StringComparison.OrdinalIgnoreCase));
}

/// <summary>What a cron expression means.</summary>
/// <param name="Words">In words: <c>At 02:30, every day</c>.</param>
/// <param name="Next">Its next times.</param>
public sealed record CronPreview(string Words, IReadOnlyList<NextTime> Next);

/// <summary>When runs happen by themselves.</summary>
[Guarded]
public interface ISchedules
{
    /// <summary>The schedules of every warehouse, the next due first.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<IReadOnlyList<Schedule>> AllAsync(CancellationToken ct);

    /// <summary>The schedules of a warehouse, the next due first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<Schedule>> ListAsync(string warehouse, CancellationToken ct);

    /// <summary>One of them; a not-found <see cref="SparkifyException"/> when there is none of this number.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<Schedule> GetAsync(string warehouse, long id, CancellationToken ct);

    /// <summary>Adds one. Throws a sentence when something of it is wrong, such as a field of its cron expression.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Schedule> CreateAsync(string warehouse, ScheduleSettings schedule, Actor actor, CancellationToken ct);

    /// <summary>Gives one other settings; from now on it is whoever asks that it starts runs for.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Schedule> ChangeAsync(string warehouse, long id, ScheduleSettings schedule, Actor actor, CancellationToken ct);

    /// <summary>Has no time of it come until it is resumed; one that waits for another run is left out.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Schedule> PauseAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>Has its times come again, for whoever asks; those that passed meanwhile are not made up for.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Schedule> ResumeAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>Deletes one; runs it has started stay.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task DeleteAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>Starts what it runs at once, as a run of whoever asks; its times are as they were.</summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<RunView> RunAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>What a cron expression in a time zone means. Throws a sentence when one of them is none.</summary>
    [Needs(Right.See, Subject.Shared)]
    CronPreview Preview(string? cron, string? zone);

    /// <summary>The time zones there are.</summary>
    [Needs(Right.See, Subject.Shared)]
    IReadOnlyList<string> Zones { get; }

    /// <summary>The warehouses whose schedules change, from now on.</summary>
    [Needs(Right.See, Subject.Seen)]
    Subscription<string> Subscribe();
}
