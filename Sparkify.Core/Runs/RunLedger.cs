using Dapper;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Writes what a run does as it does it. Every move of state names the states it may leave.</summary>
internal sealed class RunLedger(IStore store)
{
    /// <summary>A queued or interrupted run is begun (again); none when it has ended meanwhile.</summary>
    public async Task<Begun?> BeginAsync(long run, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.QuerySingleOrDefaultAsync<Begun>(new CommandDefinition(
            """
            update runs set state = 'running', started_at = coalesce(started_at, @now), starts = starts + 1
            where  id = @run and state in ('queued', 'running')
            returning starts, cancel_asked as CancelAsked, next_kind as NextKind,
                      (select coalesce(max(sequence), 0) from run_log where run_log.run = runs.id) as LastLogLine
            """,
            new { run, now }, cancellationToken: ct));
    }

    /// <summary>Whether someone has asked to cancel a run.</summary>
    public async Task<bool> CancelAskedAsync(long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition("select cancel_asked from runs where id = @run", new { run }, cancellationToken: ct));
    }

    /// <summary>Ends a run within a transaction of the caller's; false when that was done already.</summary>
    public static async Task<bool> EndAsync(RunView view, NpgsqlTransaction transaction, CancellationToken ct) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            update runs set state = @state, error = @Error, finished_at = @FinishedAt, revision = @Revision, starts = 0
            where  id = @Id and state = 'running'
            """,
            new { state = view.State.Word(), view.Error, view.FinishedAt, view.Revision, view.Id }, transaction, cancellationToken: ct)) > 0;

    /// <summary>Writes one step as it stands, in its attempt's row.</summary>
    public async Task SaveStepAsync(long run, int ordinal, StepView step, long revision, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(db);
        batch.BatchCommands.Add(StepCommand(run, ordinal, step));
        // A step that is done shows that the run gets somewhere: only starts without any progress count against it.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "update runs set revision = greatest(revision, $2), starts = case when $3 then 0 else starts end where id = $1")
        {
            Parameters = { new() { Value = run }, new() { Value = revision }, new() { Value = step.State == StepState.Succeeded } },
        });
        await batch.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Writes steps within a transaction of the caller's.</summary>
    public static async Task SaveStepsAsync(long run, IEnumerable<(int Ordinal, StepView Step)> steps, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var (ordinal, step) in steps)
        {
            batch.BatchCommands.Add(StepCommand(run, ordinal, step));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }
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
        command.Parameters.Add(new() { Value = lines.Select(l => l.Step).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = lines.Select(l => l.Attempt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = lines.Select(l => l.Message).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }

    private static NpgsqlBatchCommand StepCommand(long run, int ordinal, StepView step)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into run_steps (run, ordinal, attempt, name, title, state, rows, bytes, files, total_bytes, total_files, rejects,
                                   share, row_rate, started_at, finished_at, message)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            on conflict (run, ordinal, attempt) do update set
                state = excluded.state, rows = excluded.rows, bytes = excluded.bytes, files = excluded.files,
                total_bytes = excluded.total_bytes, total_files = excluded.total_files, rejects = excluded.rejects, share = excluded.share,
                row_rate = excluded.row_rate, started_at = excluded.started_at, finished_at = excluded.finished_at, message = excluded.message
            """);
        Add(NpgsqlDbType.Bigint, run);
        Add(NpgsqlDbType.Integer, ordinal);
        Add(NpgsqlDbType.Integer, step.Attempt);
        Add(NpgsqlDbType.Text, step.Name);
        Add(NpgsqlDbType.Text, step.Title);
        Add(NpgsqlDbType.Text, step.State.Word());
        foreach (var number in new[] { step.Rows, step.Bytes, step.Files, step.TotalBytes, step.TotalFiles, step.Rejects })
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
    /// <param name="Starts">How often the run was begun since a step last succeeded, this time included.</param>
    /// <param name="CancelAsked">Whether it is to be cancelled.</param>
    /// <param name="NextKind">What follows when it succeeds.</param>
    /// <param name="LastLogLine">The sequence number of its last log line.</param>
    public sealed record Begun(int Starts, bool CancelAsked, string? NextKind, int LastLogLine);
}
