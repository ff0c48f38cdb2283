using Dapper;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Writes what a run does as it does it. Every move of state names the states it may leave.</summary>
internal sealed class RunLedger(IStore store)
{
    /// <summary>
    /// Takes out old runs with all that is theirs, few at once, since that may be much. Of each kind a warehouse's newest stays, and so do
    /// those by which a cluster's cost is counted.
    /// </summary>
    public const string DeleteOld =
        $"""
        delete from runs where id in ({RunQueries.Old}
        and kind not in ('provision', 'pause', 'resume', 'teardown')
        and exists (select 1 from runs newer where newer.warehouse = runs.warehouse and newer.kind = runs.kind and newer.id > runs.id)
        order by id limit least(@most, 100))
        """;

    /// <summary>The version of the application; another one's work is not taken up where it was.</summary>
    public static Guid Build { get; } = typeof(RunLedger).Assembly.ManifestModule.ModuleVersionId;

    /// <summary>Adds a queued run; the database's unique violation when the warehouse has an active one.</summary>
    public static Task<long> AddAsync(
        NpgsqlConnection db, NewRun asked, DateTimeOffset now, long revision, CancellationToken ct) =>
        db.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            insert into runs (warehouse, kind, next_kind, star, mode, snapshot, actor, created_at, revision)
            values (@Warehouse, @kind, @next, @Star, @mode, @Snapshot, @Actor, @now, @revision) returning id
            """,
            new
            {
                asked.Warehouse,
                kind = asked.Kind.Word(),
                next = asked.Then?.Word(),
                asked.Choice.Star,
                mode = asked.Choice.Mode?.Word(),
                asked.Choice.Snapshot,
                asked.Actor,
                now,
                revision,
            }, cancellationToken: ct));

    /// <summary>Writes by what rules a load reads its source.</summary>
    public static Task ReadsByAsync(NpgsqlConnection db, long run, string rules, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition("update runs set rules = @rules where id = @run", new { run, rules }, cancellationToken: ct));

    /// <summary>Writes what a load adds to a star, or that it builds one of its own.</summary>
    public static Task AddsAsync(NpgsqlConnection db, long run, RunAddition? addition, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update runs set base = @Star, new_files = @Files where id = @run", new { run, addition?.Star, addition?.Files },
            cancellationToken: ct));

    /// <summary>Makes a run a part of a chain.</summary>
    public static Task ChainAsync(NpgsqlConnection db, long run, long chain, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition("update runs set chain = @chain where id = @run", new { run, chain }, cancellationToken: ct));

    /// <summary>Makes a job the one that carries a run.</summary>
    public static Task CarryAsync(NpgsqlConnection db, long run, long job, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update runs set job = @job, trace = case when waits_for is null then coalesce(@Trace, trace) else trace end where id = @run",
            new { run, job, RunSignals.Trace }, cancellationToken: ct));

    /// <summary>
    /// A queued, interrupted or waiting run is begun (again) by the job that carries it; none when it has ended meanwhile, or when another
    /// job carries it.
    /// </summary>
    public async Task<Begun?> BeginAsync(long run, long job, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<Begun>(new CommandDefinition(
            """
            with before as (
                select id, waits_for, build, started_at, trace from runs where id = @run and job = @job and state in ('queued', 'running') for update)
            update runs set state = 'running', started_at = coalesce(runs.started_at, @now), build = @Build, waits_for = null,
                            starts = case when before.waits_for is null then starts + 1 else starts end
            from   before where runs.id = before.id
            returning starts, cancel_asked as CancelAsked, next_kind as NextKind, before.waits_for is not null as Waited,
                      before.started_at is null as First, before.trace as Trace,
                      before.started_at is not null and before.build is distinct from @Build as ByAnotherBuild,
                      exists (select 1 from runs others where others.state = 'queued' and others.id <> @run) as OthersWait,
                      (select coalesce(max(sequence), 0) from run_log where run_log.run = runs.id) as LastLogLine
            """,
            new { run, job, now, Build }, cancellationToken: ct));
    }

    /// <summary>
    /// Writes down within a transaction of the caller's what a run waits for; gives whether it is to be cancelled, and none when another
    /// job carries it by now.
    /// </summary>
    public static Task<bool?> WaitAsync(RunView view, long job, NpgsqlConnection db, CancellationToken ct) =>
        db.ExecuteScalarAsync<bool?>(new CommandDefinition(
            """
            update runs set waits_for = @WaitsFor, trace = coalesce(@Trace, trace), revision = greatest(revision + 1, @Revision) where id = @Id and job = @job and state = 'running' returning cancel_asked
            """,
            new { view.WaitsFor, RunSignals.Trace, view.Revision, view.Id, job }, cancellationToken: ct));

    /// <summary>Writes down that someone asks to cancel a run; false when it has ended.</summary>
    public async Task<bool> AskToCancelAsync(long run, string by, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteAsync(new CommandDefinition(
            "update runs set cancel_asked = true, cancel_by = @by where id = @run and state in ('queued', 'running')", new { run, by },
            cancellationToken: ct)) > 0;
    }

    /// <summary>Cancels a run that has not begun; false when it has.</summary>
    public static async Task<bool> CancelQueuedAsync(
        NpgsqlConnection db, long run, DateTimeOffset now, long revision, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            "update runs set state = 'cancelled', finished_at = @now, revision = greatest(revision + 1, @revision) where id = @run and state = 'queued'",
            new { run, now, revision }, cancellationToken: ct)) > 0;

    /// <summary>Queues a failed or cancelled run again; false when it is not the latest of its warehouse any more.</summary>
    public static async Task<bool> ReopenAsync(NpgsqlConnection db, long run, long revision, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = 'queued', error = null, finished_at = null, cancel_asked = false, cancel_by = null, starts = 0, revision = greatest(revision + 1, @revision)
            where  id = @run and state in ('failed', 'cancelled') and id = (select max(id) from runs r where r.warehouse = runs.warehouse)
            """,
            new { run, revision }, cancellationToken: ct)) > 0;

    /// <summary>Ends a run within a transaction of the caller's; false when that was done already.</summary>
    public static async Task<bool> EndAsync(RunView view, NpgsqlConnection db, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = @state, error = @Error, finished_at = @FinishedAt, revision = greatest(revision + 1, @Revision), starts = 0, waits_for = null,
                            has_failed = has_failed or @state = 'failed'
            where  id = @Id and state = 'running'
            """,
            new { state = view.State.Word(), view.Error, view.FinishedAt, view.Revision, view.Id }, cancellationToken: ct)) > 0;

    /// <summary>
    /// Writes down within a transaction of the caller's what a run at work asks a person; false when that was done already, and when it is
    /// to be cancelled instead.
    /// </summary>
    public static async Task<bool> AskAsync(RunView view, NpgsqlConnection db, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = 'needsdecision', asks = @Asks, asked_at = @Since, answer = null, answered_by = null, answered_at = null,
                            answer_why = null, waits_for = null, starts = 0, revision = greatest(revision + 1, @Revision)
            where  id = @Id and state = 'running' and not cancel_asked
            """,
            new { view.Decision!.Asks, view.Decision.Since, view.Revision, view.Id }, cancellationToken: ct)) > 0;

    /// <summary>
    /// Answers what a run asks: published it is queued again, discarded it has ended; false when it does not ask (any more).
    /// </summary>
    public static async Task<bool> AnswerAsync(
        NpgsqlConnection db, long run, RunAnswer answer, string by, string? why, DateTimeOffset now, long revision, CancellationToken ct) =>
        await db.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = @state, answer = @answer, answered_by = @by, answered_at = @now, answer_why = @why, revision = greatest(revision + 1, @revision),
                            finished_at = case when @answer = 'discard' then @now end
            where  id = @run and state = 'needsdecision'
            """,
            new
            {
                run,
                state = (answer == RunAnswer.Publish ? RunState.Queued : RunState.Discarded).Word(),
                answer = answer.Word(),
                by,
                now,
                why,
                revision,
            }, cancellationToken: ct)) > 0;

    /// <summary>Writes one step as it stands, in its attempt's row.</summary>
    public async Task SaveStepAsync(long run, int ordinal, StepView step, long revision, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(db);
        batch.BatchCommands.Add(StepCommand(run, ordinal, step));
        // A step that is done shows that the run gets somewhere: only starts without any progress count against it.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "update runs set revision = greatest(revision + 1, $2), starts = case when $3 then 0 else starts end where id = $1")
        {
            Parameters = { new() { Value = run }, new() { Value = revision }, new() { Value = step.State == StepState.Succeeded } },
        });
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Forgets the steps from one on, which this version of the application does not have.</summary>
    public async Task TrimStepsAsync(long run, int from, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from run_steps where run = @run and ordinal >= @from", new { run, from }, cancellationToken: ct));
    }

    /// <summary>Writes steps within a transaction of the caller's.</summary>
    public static async Task SaveStepsAsync(
        long run, IEnumerable<(int Ordinal, StepView Step)> steps, NpgsqlConnection db, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(db);
        foreach (var (ordinal, step) in steps)
        {
            batch.BatchCommands.Add(StepCommand(run, ordinal, step));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Adds a line to the log of a run that nobody works on; the caller publishes it after the commit.</summary>
    public static async Task<RunLogLine> LogAsync(
        NpgsqlConnection db, long run, DateTimeOffset now, RunLogLevel level, string message, CancellationToken ct)
    {
        var sequence = await db.ExecuteScalarAsync<int>(new CommandDefinition(
            """
            insert into run_log (run, sequence, at, level, message)
            select @run, coalesce(max(sequence), 0) + 1, @now, @level, @message from run_log where run = @run
            returning sequence
            """,
            new { run, now, level = level.Word(), message }, cancellationToken: ct));
        return new RunLogLine(run, sequence, now, level, null, null, message);
    }

    /// <summary>Adds lines to the log.</summary>
    public async Task SaveLogAsync(IReadOnlyList<RunLogLine> lines, CancellationToken ct)
    {
        if (lines.Count == 0)
        {
            return;
        }

        await using var command = store.Database.CreateCommand(
            """
            insert into run_log (run, sequence, at, level, step, attempt, message)
            select * from unnest($1, $2, $3, $4, $5, $6, $7)
            on conflict do nothing
            """);
        command.Parameters.Add(new() { Value = lines.Select(l => l.Run).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(l => l.Sequence).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(l => l.At.UtcDateTime).ToArray() });
        command.Parameters.Add(new() { Value = lines.Select(l => l.Level.Word()).ToArray() });
        command.Parameters.Add(
            new() { Value = lines.Select(l => l.Step).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(
            new() { Value = lines.Select(l => l.Attempt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = lines.Select(l => l.Message).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlBatchCommand StepCommand(long run, int ordinal, StepView step)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into run_steps (run, ordinal, attempt, name, title, state, rows, bytes, files, total_bytes, total_files, rejects,
                                   warnings, share, row_rate, started_at, finished_at, message)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            on conflict (run, ordinal, attempt) do update set
                name = excluded.name, title = excluded.title,
                state = excluded.state, rows = excluded.rows, bytes = excluded.bytes, files = excluded.files,
                total_bytes = excluded.total_bytes, total_files = excluded.total_files, rejects = excluded.rejects,
                warnings = excluded.warnings, share = excluded.share,
                row_rate = excluded.row_rate, started_at = excluded.started_at, finished_at = excluded.finished_at, message = excluded.message
            """);
        Add(NpgsqlDbType.Bigint, run);
        Add(NpgsqlDbType.Integer, ordinal);
        Add(NpgsqlDbType.Integer, step.Attempt);
        Add(NpgsqlDbType.Text, step.Name);
        Add(NpgsqlDbType.Text, step.Title);
        Add(NpgsqlDbType.Text, step.State.Word());
        foreach (var number in new[] { step.Rows, step.Bytes, step.Files, step.TotalBytes, step.TotalFiles, step.Rejects, step.Warnings })
        {
            Add(NpgsqlDbType.Bigint, number);
        }

        Add(NpgsqlDbType.Double, step.Share);
        Add(NpgsqlDbType.Double, step.RowsPerSecond);
        Add(NpgsqlDbType.TimestampTz, step.StartedAt?.UtcDateTime);
        Add(NpgsqlDbType.TimestampTz, step.FinishedAt?.UtcDateTime);
        Add(NpgsqlDbType.Text, step.Message);
        return command;

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new() { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }

    /// <summary>What <see cref="BeginAsync"/> found.</summary>
    /// <param name="Starts">How often the run was begun since a step last succeeded, this time included; looking again counts as
    /// none.</param>
    /// <param name="CancelAsked">Whether it is to be cancelled.</param>
    /// <param name="NextKind">What follows when it succeeds.</param>
    /// <param name="Waited">Whether it had only given its worker up.</param>
    /// <param name="First">Whether it had never begun before.</param>
    /// <param name="Trace">The trace it goes on in when it waited, and else that of whoever queued it last.</param>
    /// <param name="ByAnotherBuild">Whether another version of the application began it.</param>
    /// <param name="OthersWait">Whether other runs wait for a worker.</param>
    /// <param name="LastLogLine">The sequence number of its last log line.</param>
    public sealed record Begun(
        int Starts, bool CancelAsked, string? NextKind, bool Waited, bool First, string? Trace, bool ByAnotherBuild, bool OthersWait,
        int LastLogLine);
}
