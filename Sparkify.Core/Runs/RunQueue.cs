using Dapper;
using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>
/// Puts runs into the queue within a transaction of the caller's: the run, its steps, its first log line and its job stand
/// together, or none of them does. Nothing of it is shown before it stands, nor after the run's own changes.
/// </summary>
internal sealed class RunQueue(RunBoard board, IRunScheduler scheduler, TimeProvider clock)
{
    /// <summary>Adds a new run. Throws the database's unique violation when the warehouse has an active one.</summary>
    public async Task<long> AddAsync(
        NpgsqlTransaction transaction, string warehouse, RunKind kind, RunKind? then, string actor, IReadOnlyList<RunStep> steps, CancellationToken ct)
    {
        var run = await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            """
            insert into runs (warehouse, kind, next_kind, actor, created_at, revision)
            values (@warehouse, @kind, @next, @actor, @now, @revision) returning id
            """,
            new { warehouse, kind = kind.Word(), next = then?.Word(), actor, now = clock.GetUtcNow(), revision = board.NextRevision() },
            transaction, cancellationToken: ct));
        await RunLedger.SaveStepsAsync(run, steps.Select((s, i) => (i, Pending(s.Name, s.Title, attempt: 1))), transaction, ct);
        return run;
    }

    /// <summary>Queues the job of a run, commits, and shows the run as queued; <paramref name="committed"/> comes before that.</summary>
    public async Task<RunView> CommitAsync(NpgsqlTransaction transaction, long run, string message, CancellationToken ct, Action? committed = null)
    {
        var line = await LogAsync(transaction, run, RunLogLevel.Info, message, ct);
        var view = await RunQueries.FindAsync(transaction.Connection!, run, ct) ?? throw new InvalidOperationException($"Run {run} vanished as it was queued.");
        await scheduler.EnqueueAndCommitAsync(run, transaction, () =>
        {
            committed?.Invoke();
            board.Lines.Publish(line);
            board.Show(view);
        }, ct);
        return view;
    }

    /// <summary>Writes a log line of a run that nobody works on; the caller publishes it after the commit.</summary>
    public async Task<RunLogLine> LogAsync(NpgsqlTransaction transaction, long run, RunLogLevel level, string message, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var sequence = await transaction.Connection!.ExecuteScalarAsync<int>(new CommandDefinition(
            """
            insert into run_log (run, sequence, at, level, message)
            select @run, coalesce(max(sequence), 0) + 1, @now, @level, @message from run_log where run = @run
            returning sequence
            """,
            new { run, now, level = level.Word(), message }, transaction, cancellationToken: ct));
        return new RunLogLine(run, sequence, now, level, null, null, message);
    }

    /// <summary>A step that has not begun.</summary>
    public static StepView Pending(string name, string title, int attempt) =>
        new(name, title, StepState.Pending, attempt, null, null, null, null, null, null, null, null, null, null, null);
}
