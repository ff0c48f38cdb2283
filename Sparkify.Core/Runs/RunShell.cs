using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>
/// Carries a run from its first step that is not done to its end. The one place where what a step throws becomes an outcome:
/// succeeded, cancelled, failed, or tried again when waiting can help.
/// </summary>
internal sealed class RunShell(
    IStore store, RunFence fence, RunLedger ledger, RunPen pen, RunQueries queries, RunQueue queue, RunBoard board, StepShell shell,
    IEnumerable<IRunDefinition> definitions, TimeProvider clock, ILogger<RunShell> logger)
{
    private const int MostStarts = 5;

    /// <summary>Works on a run; returns when it has ended, or throws <see cref="OperationCanceledException"/> when the application stops first.</summary>
    public async Task WorkAsync(long id, CancellationToken stopping)
    {
        if (await queries.FindAsync(id, stopping) is not { Active: true } stored || board.Find(id) is not null)
        {
            return; // ended meanwhile, or a second firing of a run that is at work here
        }

        // A run taken over from a process that was only frozen waits here until that one is really gone.
        await using var held = await fence.HoldAsync(stored.Warehouse, stopping);
        if (await ledger.BeginAsync(id, clock.GetUtcNow(), stopping) is not { } begun)
        {
            return;
        }

        var now = await queries.FindAsync(id, stopping) ?? throw new InvalidOperationException($"Run {id} vanished as it began.");
        using var run = new ActiveRun(board, now with { StartedAt = now.StartedAt ?? clock.GetUtcNow(), State = RunState.Running }, begun.LastLogLine, clock);
        if (!board.TryEnter(run))
        {
            return;
        }

        try
        {
            RunsLog.Begins(logger, id, now.Kind, now.Warehouse, begun.Starts);
            run.Change(view => view);
            // Asked again now that a cancel finds the run here: one that came a moment earlier only wrote its wish down.
            var cancelled = begun.CancelAsked || await ledger.CancelAskedAsync(id, stopping);
            await (begun switch
            {
                _ when cancelled => EndAsync(run, RunState.Cancelled, error: null, next: null, stopping),
                { Starts: > MostStarts } => EndAsync(
                    run, RunState.Failed, $"The application stopped {MostStarts} times in the middle of the same step. Look into its log, then retry.", next: null, stopping),
                _ => StepsAsync(run, begun, stopping),
            });
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            RunsLog.HandedOver(logger, id);
            run.Log(RunLogLevel.Warning, step: null, attempt: null, "The application stops; the run goes on when it starts again.");
            await HandOverAsync(run);
            throw;
        }
        finally
        {
            board.Leave(run);
        }
    }

    private async Task HandOverAsync(ActiveRun run)
    {
        try
        {
            await pen.SaveLogAsync(run, CancellationToken.None);
        }
        catch (NpgsqlException ex)
        {
            RunsLog.StoreDoesNotAnswer(logger, run.Id, ex); // only lines of the log are lost
        }
    }

    private async Task StepsAsync(ActiveRun run, RunLedger.Begun begun, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Cancelled);
        IRunDefinition definition;
        IReadOnlyList<RunStep> steps;
        int first;
        try
        {
            definition = definitions.For(run.View.Kind);
            steps = await definition.StepsAsync(run.View.Warehouse, starting: false, stopping);
            var open = run.View.Steps.TakeWhile(s => s.State == StepState.Succeeded).Count();
            first = await definition.ResumeAtAsync(run.View.Warehouse, run.Id, open, stopping);
        }
        catch (SparkifyException ex)
        {
            await EndAsync(run, RunState.Failed, ex.Message, next: null, stopping);
            return;
        }

        await ReopenAsync(run, first, begun.Starts > 1 || run.View.Steps.Any(s => s.State == StepState.Running), stopping);
        for (var i = first; i < steps.Count;)
        {
            var next = i + 1 + steps.Skip(i + 1).TakeWhile(s => s.WithPrevious).Count();
            var (state, error) = await TogetherAsync(run, i, steps.Take(i..next), either.Token, stopping);
            if (state != StepState.Succeeded)
            {
                await SkipRestAsync(run, next, stopping);
                await EndAsync(run, state == StepState.Cancelled ? RunState.Cancelled : RunState.Failed, error, next: null, stopping);
                return;
            }

            i = next;
        }

        await EndAsync(run, RunState.Succeeded, error: null, begun.NextKind, stopping);
    }

    // What was under way when the application stopped gets a new attempt, and so does what was done but is not there any more.
    private async Task ReopenAsync(ActiveRun run, int first, bool again, CancellationToken ct)
    {
        if (again)
        {
            run.Log(RunLogLevel.Warning, step: null, attempt: null, $"Taken up again at '{run.View.Steps[Math.Min(first, run.View.Steps.Count - 1)].Title}' after the application stopped.");
        }

        for (var i = first; i < run.View.Steps.Count; i++)
        {
            var step = run.View.Steps[i];
            if (step.StartedAt is null)
            {
                continue;
            }

            if (step.State == StepState.Running)
            {
                var interrupted = step with { State = StepState.Failed, FinishedAt = clock.GetUtcNow(), Message = "Interrupted: the application stopped." };
                await pen.SaveAsync(run, i, interrupted, ct);
            }

            var reopened = run.ChangeStep(i, s => RunQueue.Pending(s.Name, s.Title, s.Attempt + 1));
            await pen.SaveAsync(run, i, reopened, ct);
        }
    }

    // One that fails stops the others; its error is the run's.
    private async Task<(StepState State, string? Error)> TogetherAsync(
        ActiveRun run, int first, IEnumerable<RunStep> group, CancellationToken ct, CancellationToken stopping)
    {
        using var peers = CancellationTokenSource.CreateLinkedTokenSource(ct);
        string? error = null;
        var states = await Task.WhenAll(group.Select(async (step, i) =>
        {
            var (state, why) = await shell.WorkAsync(run, first + i, step, peers.Token, stopping);
            if (state == StepState.Failed)
            {
                Interlocked.CompareExchange(ref error, why, null);
                await peers.CancelAsync();
            }

            return state;
        }));
        var state = states.Contains(StepState.Failed) ? StepState.Failed : states.Contains(StepState.Cancelled) ? StepState.Cancelled : StepState.Succeeded;
        return (state, error);
    }

    private async Task SkipRestAsync(ActiveRun run, int from, CancellationToken ct)
    {
        for (var i = from; i < run.View.Steps.Count; i++)
        {
            await pen.SaveAsync(run, i, run.ChangeStep(i, s => s with { State = StepState.Skipped }), ct);
        }
    }

    private async Task EndAsync(ActiveRun run, RunState state, string? error, string? next, CancellationToken stopping)
    {
        var ended = run.View with { State = state, Error = error, FinishedAt = clock.GetUtcNow(), Revision = board.NextRevision() };
        run.Log(state == RunState.Failed ? RunLogLevel.Error : RunLogLevel.Info, null, null, state switch
        {
            RunState.Succeeded => "Succeeded.",
            RunState.Cancelled => "Cancelled.",
            _ => $"Failed. {error}",
        });
        var follow = next is null ? null : await NextAsync(run, Words.Parse<RunKind>(next), stopping);
        await pen.PatientlyAsync(run, async ct =>
        {
            await pen.SaveLogAsync(run, ct);
            await using var db = await store.Database.OpenConnectionAsync(ct);
            await using var transaction = await db.BeginTransactionAsync(ct);
            if (!await RunLedger.EndAsync(ended, transaction, ct) || follow is null)
            {
                await transaction.CommitAsync(ct);
                Show();
                return;
            }

            // In the same transaction: killed between the two, what should follow would be forgotten.
            var id = await queue.AddAsync(transaction, run.View.Warehouse, follow.Value.Kind, then: null, run.View.Actor, follow.Value.Steps, ct);
            await queue.CommitAsync(transaction, id, $"Queued after run {run.Id}.", ct, Show);
        }, stopping);
        RunsLog.Ended(logger, run.Id, state);

        void Show()
        {
            board.Leave(run); // before it is shown, so that whoever reacts finds the warehouse free
            run.Change(_ => ended);
        }
    }

    private async Task<(RunKind Kind, IReadOnlyList<RunStep> Steps)?> NextAsync(ActiveRun run, RunKind kind, CancellationToken ct)
    {
        try
        {
            return (kind, await definitions.For(kind).StepsAsync(run.View.Warehouse, starting: true, ct));
        }
        catch (SparkifyException ex)
        {
            RunsLog.NextNotQueued(logger, run.Id, ex);
            run.Log(RunLogLevel.Warning, null, null, $"The {kind.Word()} that should follow was not queued. {ex.Message}");
            return null;
        }
    }
}
