using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Schedules;

/// <summary>A schedule as it stands in the store.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Its warehouse.</param>
/// <param name="Settings">What it is.</param>
/// <param name="Paused">Whether it is paused.</param>
/// <param name="Person">For whom it starts runs.</param>
/// <param name="SetAt">Since when.</param>
/// <param name="Since">Times after this one are still to come.</param>
internal sealed record ScheduleRow(
    long Id, string Warehouse, ScheduleSettings Settings, bool Paused, string Person, DateTimeOffset SetAt, DateTimeOffset Since);

/// <summary>A time of a schedule that has come and of which nothing has become yet.</summary>
/// <param name="Schedule">The schedule's number.</param>
/// <param name="Due">When it was due.</param>
internal sealed record OpenTime(long Schedule, DateTimeOffset Due);

/// <summary>Reads and writes schedules and their times.</summary>
internal static class ScheduleRows
{
    // Of each schedule so many times are kept, for a person who asks what happened.
    private const int Kept = 100;

    private const string Columns =
        "s.id, s.warehouse, s.name, s.kind, s.cron, s.zone, s.misfire, s.overlap, s.paused, s.person, s.set_at as SetAt, s.since";

    private const string Open = "outcome in ('due', 'waiting')";

    public static async Task<IReadOnlyList<ScheduleRow>> ListAsync(NpgsqlConnection db, string? warehouse, CancellationToken ct) =>
        [.. (await db.QueryAsync<Row>(new CommandDefinition(
            $"select {Columns} from schedules s where @warehouse::text is null or s.warehouse = @warehouse order by s.warehouse, lower(s.name)",
            new { warehouse }, cancellationToken: ct))).Select(Of)];

    /// <summary>One by its number; none when there is none.</summary>
    public static Task<ScheduleRow?> FindAsync(NpgsqlConnection db, long id, CancellationToken ct) => FindAsync(db, id, "", ct);

    /// <summary>The same, kept as it is until the transaction ends.</summary>
    public static Task<ScheduleRow?> LockAsync(NpgsqlConnection db, long id, CancellationToken ct) => FindAsync(db, id, "for update", ct);

    public static Task<long> AddAsync(
        NpgsqlConnection db, string warehouse, ScheduleSettings settings, string person, DateTimeOffset now, CancellationToken ct) =>
        db.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            insert into schedules (warehouse, name, kind, cron, zone, misfire, overlap, person, set_at, since)
            values (@warehouse, @Name, @kind, @Cron, @Zone, @misfire, @overlap, @person, @now, @now) returning id
            """,
            Values(settings, new { warehouse, person, now }), cancellationToken: ct));

    /// <summary>Gives a schedule other settings. Where its times are others, only those from now on count.</summary>
    public static Task<int> ChangeAsync(
        NpgsqlConnection db, string warehouse, long id, ScheduleSettings settings, string person, DateTimeOffset now,
        CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            """
            update schedules set name = @Name, kind = @kind, cron = @Cron, zone = @Zone, misfire = @misfire, overlap = @overlap, person = @person,
                                 set_at = @now, since = case when (cron, zone) = (@Cron, @Zone) then since else @now end
            where  id = @id and warehouse = @warehouse
            """,
            Values(settings, new { id, warehouse, person, now }), cancellationToken: ct));

    /// <summary>Pauses a schedule.</summary>
    public static Task<int> PauseAsync(NpgsqlConnection db, string warehouse, long id, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update schedules set paused = true where id = @id and warehouse = @warehouse", new { id, warehouse }, cancellationToken: ct));

    /// <summary>Resumes a schedule that is paused, for somebody: its times count from now on.</summary>
    public static Task<int> ResumeAsync(
        NpgsqlConnection db, string warehouse, long id, string person, DateTimeOffset now, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            """
            update schedules set person = @person, set_at = @now, since = case when paused then @now else since end, paused = false
            where  id = @id and warehouse = @warehouse
            """,
            new { id, warehouse, person, now }, cancellationToken: ct));

    public static Task<int> DeleteAsync(NpgsqlConnection db, string warehouse, long id, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "delete from schedules where id = @id and warehouse = @warehouse", new { id, warehouse }, cancellationToken: ct));

    /// <summary>Writes down that a time has come, after which only later ones count.</summary>
    public static Task ComeAsync(
        NpgsqlConnection db, long schedule, DateTimeOffset due, TimeOutcome outcome, string? said, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            $"""
            update schedules set since = @due where id = @schedule;
            insert into schedule_times (schedule, due, outcome, said) values (@schedule, @due, @outcome, @said) on conflict do nothing;
            delete from schedule_times where schedule = @schedule and outcome not in ('due', 'waiting') and due < (
                select due from schedule_times where schedule = @schedule order by due desc offset {Kept} limit 1)
            """,
            new { schedule, due, outcome = outcome.Word(), said }, cancellationToken: ct));

    /// <summary>Says what became of a time that is open; false when something else has become of it.</summary>
    public static async Task<bool> SettleAsync(
        NpgsqlConnection db, OpenTime time, TimeOutcome outcome, string said, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            $"""
            update schedule_times set outcome = @outcome, said = @said
            where  schedule = @Schedule and due = @Due and {Open} and (outcome, said) is distinct from (@outcome, @said)
            """,
            new { time.Schedule, time.Due, outcome = outcome.Word(), said }, cancellationToken: ct)) > 0;

    /// <summary>Marks a time that is open as started, before its run is there; false when something else has become of it.</summary>
    public static async Task<bool> TakeAsync(NpgsqlConnection db, OpenTime time, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            $"""
            update schedule_times
            set    outcome = 'started', said = case when outcome = 'waiting' then 'It waited for another run of the warehouse to end.' else said end
            where  schedule = @Schedule and due = @Due and {Open}
            """,
            new { time.Schedule, time.Due }, cancellationToken: ct)) > 0;

    /// <summary>Leaves out what is open of a schedule.</summary>
    public static Task SkipAsync(NpgsqlConnection db, long schedule, string said, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            $"update schedule_times set outcome = 'skipped', said = @said where schedule = @schedule and {Open}", new { schedule, said },
            cancellationToken: ct));

    /// <summary>Writes down which run a time has started, in the same transaction.</summary>
    public static Task StartedAsync(NpgsqlConnection db, OpenTime time, long run, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update schedule_times set run = @run where schedule = @Schedule and due = @Due", new { time.Schedule, time.Due, run },
            cancellationToken: ct));

    /// <summary>The times that are open, of one schedule, of one warehouse or of all, the longest first.</summary>
    public static async Task<IReadOnlyList<OpenTime>> OpenAsync(
        NpgsqlConnection db, CancellationToken ct, string? warehouse = null, long? schedule = null) =>
        [.. (await db.QueryAsync<(long Schedule, DateTime Due)>(new CommandDefinition(
            $"""
            select t.schedule, t.due from schedule_times t join schedules s on s.id = t.schedule
            where  {Open} and (@warehouse::text is null or s.warehouse = @warehouse) and (@schedule::bigint is null or s.id = @schedule)
            order by t.due, t.schedule
            """,
            new { warehouse, schedule }, cancellationToken: ct))).Select(static t => new OpenTime(t.Schedule, Utc(t.Due)))];

    /// <summary>The latest time of each of some schedules.</summary>
    public static async Task<IReadOnlyDictionary<long, (DateTimeOffset Due, TimeOutcome Outcome, string? Said, long? Run)>> LatestAsync(
        NpgsqlConnection db, IReadOnlyList<long> schedules, CancellationToken ct) =>
        (await db.QueryAsync<(long Schedule, DateTime Due, string Outcome, string? Said, long? Run)>(new CommandDefinition(
            """
            select distinct on (schedule) schedule, due, outcome, said, run from schedule_times where schedule = any(@schedules)
            order by schedule, due desc
            """,
            new { schedules = schedules.ToArray() }, cancellationToken: ct)))
        .ToDictionary(static t => t.Schedule, static t => (Utc(t.Due), Words.Parse<TimeOutcome>(t.Outcome), t.Said, t.Run));

    private static async Task<ScheduleRow?> FindAsync(NpgsqlConnection db, long id, string how, CancellationToken ct)
    {
        var row = await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"select {Columns} from schedules s where s.id = @id {how}", new { id }, cancellationToken: ct));
        return row is null ? null : Of(row);
    }

    private static DynamicParameters Values(ScheduleSettings settings, object more)
    {
        DynamicParameters values = new(more);
        values.AddDynamicParams(new
        {
            settings.Name,
            kind = settings.Kind.Word(),
            settings.Cron,
            settings.Zone,
            misfire = settings.Misfire.Word(),
            overlap = settings.Overlap.Word(),
        });
        return values;
    }

    private static ScheduleRow Of(Row r) => new(
        r.Id, r.Warehouse,
        new ScheduleSettings(
            r.Name, Words.Parse<RunKind>(r.Kind), r.Cron, r.Zone, Words.Parse<Misfire>(r.Misfire), Words.Parse<Overlap>(r.Overlap)),
        r.Paused, r.Person, Utc(r.SetAt), Utc(r.Since));

    private static DateTimeOffset Utc(DateTime at) => new(at, TimeSpan.Zero);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Warehouse { get; init; } = "";
        public string Name { get; init; } = "";
        public string Kind { get; init; } = "";
        public string Cron { get; init; } = "";
        public string Zone { get; init; } = "";
        public string Misfire { get; init; } = "";
        public string Overlap { get; init; } = "";
        public bool Paused { get; init; }
        public string Person { get; init; } = "";
        public DateTime SetAt { get; init; }
        public DateTime Since { get; init; }
    }
}
