using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;

namespace Sparkify.Tests.Fakes;

/// <summary>Schedules as a test says they are.</summary>
internal sealed class FakeSchedules : ISchedules
{
    private readonly ConcurrentDictionary<long, Schedule> _all = new();
    private readonly Feed<string> _feed = new();

    /// <summary>What was asked for, in order, such as <c>pause 1</c>.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public IReadOnlyList<string> Zones => ["UTC", "America/New_York", "Europe/Berlin"];

    /// <summary>Refuses every command with a sentence.</summary>
    public string? Problem { get; set; }

    public Schedule Have(
        long id, string name = "nightly", string warehouse = "music", bool paused = false, LastTime? last = null,
        RunKind kind = RunKind.Load, string local = "Mon 30 Nov 2026, 02:30 CET") => _all[id] = new Schedule(
        id, warehouse, new ScheduleSettings(name, kind, "30 2 * * *", "Europe/Berlin"), paused, "ann", DateTimeOffset.UnixEpoch,
        "At 02:30, every day", paused ? [] : [new NextTime(DateTimeOffset.UnixEpoch.AddDays(id), local, "in 3 days")], last);

    public void Publish(Schedule schedule)
    {
        _all[schedule.Id] = schedule;
        _feed.Publish(schedule.Warehouse);
    }

    public Task<IReadOnlyList<Schedule>> AllAsync(CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Schedule>>([.. _all.Values.OrderBy(static s => s.Id)]);

    public async Task<IReadOnlyList<Schedule>> ListAsync(string warehouse, CancellationToken ct) =>
        [.. (await AllAsync(ct)).Where(s => s.Warehouse == warehouse)];

    public Task<Schedule> GetAsync(string warehouse, long id, CancellationToken ct) => Task.FromResult(_all[id]);

    public Task<Schedule> CreateAsync(string warehouse, ScheduleSettings schedule, Actor actor, CancellationToken ct) =>
        Do($"create on {warehouse}: {schedule}", () => _all[_all.Count + 1] = new Schedule(
            _all.Count + 1, warehouse, schedule, Paused: false, actor.Name, DateTimeOffset.UnixEpoch, "made", [], Last: null));

    public Task<Schedule> ChangeAsync(string warehouse, long id, ScheduleSettings schedule, Actor actor, CancellationToken ct) =>
        Do($"change {id}: {schedule}", () => _all[id] = _all[id] with { Settings = schedule });

    public Task<Schedule> PauseAsync(string warehouse, long id, Actor actor, CancellationToken ct) =>
        Do($"pause {id}", () => _all[id] = _all[id] with { Paused = true, Next = [] });

    public Task<Schedule> ResumeAsync(string warehouse, long id, Actor actor, CancellationToken ct) =>
        Do($"resume {id}", () => _all[id] = _all[id] with { Paused = false });

    public Task DeleteAsync(string warehouse, long id, Actor actor, CancellationToken ct) => Do($"delete {id}", () =>
    {
        Assert.True(_all.TryRemove(id, out var gone));
        return gone;
    });

    public async Task<RunView> RunAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        await Do($"run {id}", () => _all[id]);
        return Sample.Run(77, warehouse: warehouse);
    }

    // As the application itself would say it.
    public CronPreview Preview(string? cron, string? zone)
    {
        var plan = CronPlan.Of(cron, zone);
        return new CronPreview(plan.Words, plan.Next(DateTimeOffset.Parse("2026-11-27T12:00Z"), 5));
    }

    public Subscription<string> Subscribe() => _feed.Subscribe();

    private Task<Schedule> Do(string what, Func<Schedule> work)
    {
        if (Problem is { } problem)
        {
            throw SparkifyException.Conflict(problem);
        }

        Asked.Enqueue(what);
        var schedule = work();
        _feed.Publish(schedule.Warehouse);
        return Task.FromResult(schedule);
    }
}
