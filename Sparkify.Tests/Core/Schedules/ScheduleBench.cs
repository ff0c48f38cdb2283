using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.People;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Storage;
using Sparkify.Tests.Core.Runs;

namespace Sparkify.Tests.Core.Schedules;

/// <summary>
/// The application with loads of the test's own, and its schedules with a clock of the test's own. It goes by a year to come, so that the
/// application's own clock finds nothing due.
/// </summary>
internal sealed class ScheduleBench(RunsApp app) : IAsyncDisposable
{
    public static readonly Actor Me = Actor.LocalAdministrator;

    public RunsApp App { get; } = app;

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2040-03-01T00:00:00Z", CultureInfo.InvariantCulture));

    public string Warehouse => App.Warehouse;

    public DueTimes Due => new(
        Get<IStore>(), Get<IRunStarts>(), Get<PersonRights>(), Get<IAuditWriter>(), Get<ScheduleChanges>(), Clock,
        NullLogger<DueTimes>.Instance);

    public ScheduleService Schedules => new(Get<IStore>(), Get<IRuns>(), Get<IWakeUps>(), Get<ScheduleChanges>(), Clock);

    public static async Task<ScheduleBench> StartAsync(params RunStep[] steps) =>
        new(await RunsApp.StartAsync(new FakeRun(steps is [] ? [FakeRun.Step("one")] : steps) { Kind = RunKind.Load }));

    public static ScheduleSettings Nightly(
        string name = "nightly", string cron = "30 2 * * *", Misfire misfire = Misfire.Once, Overlap overlap = Overlap.Refuse) =>
        new(name, RunKind.Load, cron, "UTC", misfire, overlap);

    public Task<Schedule> AddAsync(ScheduleSettings settings, Actor? by = null) =>
        Schedules.CreateAsync(Warehouse, settings, by ?? Me, default);

    public Task<Schedule> ReadAsync(Schedule schedule) => Schedules.GetAsync(Warehouse, schedule.Id, default);

    /// <summary>Moves the clock and wakes a schedule; gives what it says then.</summary>
    public async Task<Schedule> WakeAsync(Schedule schedule, string at)
    {
        Clock.SetUtcNow(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));
        await Due.WakeAsync(schedule.Id, default);
        return await ReadAsync(schedule);
    }

    public async Task<IReadOnlyList<RunView>> RunsAsync() =>
        (await App.Runs.HistoryAsync(new RunFilter(Warehouse), default)).Items.Reverse().ToList();

    /// <summary>The lines schedules have left in the audit trail, in order.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync()
    {
        await using var db = new NpgsqlConnection(App.App.Store);
        return (await db.QueryAsync<string>(
            "select actor || ': ' || outcome || ', ' || said from audit where via = 'schedule' order by id")).AsList();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var db = new NpgsqlConnection(App.App.Store);
        await db.ExecuteAsync(sql);
    }

    public T Get<T>()
        where T : class => App.App.Services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
