using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Schedules;

/// <summary>Schedules, in the store; the job queue's plan follows what stands there.</summary>
internal sealed class ScheduleService(IStore store, IRuns runs, IWakeUps wakeUps, ScheduleChanges changes, TimeProvider clock) : ISchedules
{
    private const int NextShown = 5;

    public IReadOnlyList<string> Zones => Schedules.Zones.Names;

    public CronPreview Preview(string? cron, string? zone)
    {
        var plan = CronPlan.Of(cron, zone);
        return new CronPreview(plan.Words, plan.Next(clock.GetUtcNow(), NextShown));
    }

    public Task<IReadOnlyList<Schedule>> AllAsync(CancellationToken ct) => ReadAsync(warehouse: null, ct);

    public Task<IReadOnlyList<Schedule>> ListAsync(string warehouse, CancellationToken ct) => ReadAsync(warehouse, ct);

    public async Task<Schedule> GetAsync(string warehouse, long id, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await ScheduleRows.FindAsync(db, id, ct) is { } row && row.Warehouse == warehouse
            ? (await ShownAsync(db, [row], ct))[0]
            : throw None(warehouse, id);
    }

    public async Task<Schedule> CreateAsync(string warehouse, ScheduleSettings schedule, Actor actor, CancellationToken ct)
    {
        var wanted = Checked(schedule);
        var id = await WriteAsync(
            warehouse, wanted, db => ScheduleRows.AddAsync(db, warehouse, wanted, actor.Name, clock.GetUtcNow(), ct), ct);
        return await GetAsync(warehouse, id, ct);
    }

    public async Task<Schedule> ChangeAsync(string warehouse, long id, ScheduleSettings schedule, Actor actor, CancellationToken ct)
    {
        var wanted = Checked(schedule);
        await WriteAsync(
            warehouse, wanted,
            async db => await ScheduleRows.ChangeAsync(db, warehouse, id, wanted, actor.Name, clock.GetUtcNow(), ct) > 0
                ? id : throw None(warehouse, id), ct);
        return await GetAsync(warehouse, id, ct);
    }

    public async Task<Schedule> PauseAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        await WriteAsync(warehouse, wanted: null, async db =>
        {
            if (await ScheduleRows.PauseAsync(db, warehouse, id, ct) == 0)
            {
                throw None(warehouse, id);
            }

            await ScheduleRows.SkipAsync(db, id, $"The schedule was paused by {actor.Name} before its run began.", ct);
            return id;
        }, ct);
        return await GetAsync(warehouse, id, ct);
    }

    public async Task<Schedule> ResumeAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        await WriteAsync(warehouse, wanted: null, async db =>
            await ScheduleRows.ResumeAsync(db, warehouse, id, actor.Name, clock.GetUtcNow(), ct) > 0 ? id : throw None(warehouse, id), ct);
        return await GetAsync(warehouse, id, ct);
    }

    public Task DeleteAsync(string warehouse, long id, Actor actor, CancellationToken ct) => WriteAsync(warehouse, wanted: null, async db =>
        await ScheduleRows.DeleteAsync(db, warehouse, id, ct) > 0 ? id : throw None(warehouse, id), ct);

    public async Task<RunView> RunAsync(string warehouse, long id, Actor actor, CancellationToken ct) =>
        await runs.StartAsync(warehouse, (await GetAsync(warehouse, id, ct)).Settings.Kind, actor, ct);

    public Subscription<string> Subscribe() => changes.Names.Subscribe();

    // As it is kept; throws a sentence when something of it is wrong.
    private static ScheduleSettings Checked(ScheduleSettings wanted)
    {
        var name = GivenName.Checked(wanted.Name, "a schedule", ScheduleSettings.LongestName);
        if (wanted.Kind is not (RunKind.Load or RunKind.Check))
        {
            throw SparkifyException.Invalid($"A schedule starts a load or a check of files, not a {wanted.Kind.Word()}.");
        }

        var plan = CronPlan.Of(wanted.Cron, wanted.Zone);
        return wanted with { Name = name, Cron = plan.Cron, Zone = plan.Zone.Id };
    }

    private async Task<long> WriteAsync(
        string warehouse, ScheduleSettings? wanted, Func<NpgsqlConnection, Task<long>> writeAsync, CancellationToken ct)
    {
        long id;
        try
        {
            id = await store.InTransactionAsync(writeAsync, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw SparkifyException.Conflict($"The warehouse '{warehouse}' has a schedule named '{wanted?.Name}' already. Choose another name.");
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw SparkifyException.NotFound($"There is no warehouse named '{warehouse}' any more.");
        }

        wakeUps.Changed();
        changes.Names.Publish(warehouse);
        return id;
    }

    private async Task<IReadOnlyList<Schedule>> ReadAsync(string? warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var all = await ShownAsync(db, await ScheduleRows.ListAsync(db, warehouse, ct), ct);
        return [.. all.OrderBy(static s => s.Next is [var first, ..] ? first.At : DateTimeOffset.MaxValue)];
    }

    private async Task<IReadOnlyList<Schedule>> ShownAsync(NpgsqlConnection db, IReadOnlyList<ScheduleRow> rows, CancellationToken ct)
    {
        var latest = await ScheduleRows.LatestAsync(db, [.. rows.Select(static r => r.Id)], ct);
        var states = await RunQueries.StatesAsync(db, [.. latest.Values.Select(static t => t.Run).OfType<long>()], ct);
        var now = clock.GetUtcNow();
        return [.. rows.Select(row =>
        {
            var plan = CronPlan.TryOf(row.Settings);
            var last = latest.TryGetValue(row.Id, out var time)
                ? new LastTime(
                    time.Due, Schedules.Zones.Local(time.Due, plan?.Zone ?? TimeZoneInfo.Utc), time.Outcome, time.Said, time.Run,
                    time.Run is { } run && states.TryGetValue(run, out var state) ? state : null)
                : null;
            return new Schedule(
                row.Id, row.Warehouse, row.Settings, row.Paused, row.Person, row.SetAt,
                plan?.Words ?? $"Never: this machine does not know the time zone {row.Settings.Zone}. Choose another one.",
                row.Paused || plan is null ? [] : plan.Next(now, NextShown), last);
        })];
    }

    private static SparkifyException None(string warehouse, long id) =>
        SparkifyException.NotFound($"The warehouse '{warehouse}' has no schedule {id}.");
}
