using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Ends runs, with what follows them, and lets runs go that wait or ask.</summary>
internal sealed class RunEnding(
    IStore store, RunWriter writer, RunQueue queue, ActiveRuns active, IEnumerable<IRunDefinition> definitions,
    IEnumerable<IRunWitness> witnesses, TimeProvider clock, ILogger<RunEnding> logger)
{
    /// <summary>
    /// Ends a run and, in the same transaction, tells the witnesses and queues what follows it: killed in between, that would be
    /// forgotten.
    /// </summary>
    public async Task EndAsync(ActiveRun run, RunState state, string? error, string? next, CancellationToken stopping)
    {
        var ended = run.View with
        {
            State = state,
            Error = error,
            FinishedAt = clock.GetUtcNow(),
            WaitsFor = null,
            Revision = active.NextRevision(),
        };
        run.Log(state == RunState.Failed ? RunLogLevel.Error : RunLogLevel.Info, null, null, state switch
        {
            RunState.Succeeded => "Succeeded.",
            RunState.Cancelled => "Cancelled.",
            _ => $"Failed. {error}",
        });
        var follow = next is null ? null : await NextAsync(run, Words.Parse<RunKind>(next), stopping);
        await writer.PatientlyAsync(run, async ct =>
        {
            await writer.SaveLogAsync(run, ct);
            SparkifyException? refused = null;
            var followed = await store.InTransactionAsync(async db =>
            {
                if (!await RunLedger.EndAsync(ended, db, ct))
                {
                    return false;
                }

                await WitnessAsync(db, ended, ct);
                if (follow is not { } then)
                {
                    return false;
                }

                long id;
                try
                {
                    id = await queue.AddAsync(
                        db, new NewRun(run.View.Warehouse, then.Kind, Then: null, then.Choice, run.View.Actor), then.Steps, ct);
                }
                catch (SparkifyException ex) when (ex.Kind is ProblemKind.Conflict or ProblemKind.Invalid)
                {
                    refused = ex; // by a gate, before anything was written: this run ends all the same
                    return false;
                }

                await queue.EnqueueAsync(db, id, RunLogLevel.Info, $"Queued after run {run.Id}.", ct, Show);
                return true;
            }, ct);
            if (refused is not null && follow is { } not)
            {
                NotQueued(run, not.Kind, refused);
                await writer.SaveLogAsync(run, ct);
            }

            if (!followed)
            {
                Show();
            }
        }, stopping);
        RunsLog.Ended(logger, run.Id, state);

        void Show()
        {
            active.Leave(run); // before it is shown, so that whoever reacts finds the warehouse free
            run.Change(_ => ended);
        }
    }

    /// <summary>Lets a run that waits go: it holds no worker until its next look, for which a job is kept.</summary>
    public async Task WaitAsync(ActiveRun run, long job, TimeSpan lookAgain, CancellationToken stopping)
    {
        var waitsFor = run.View.Steps.FirstOrDefault(static s => s.State == StepState.Running) is { } step
            ? step.Message ?? step.Title
            : "its next look";
        var waiting = run.View with { WaitsFor = waitsFor, Revision = active.NextRevision() };
        // From here on a cancel finds a run that waits, or leaves its wish to be found in this transaction.
        active.Leave(run);
        await writer.PatientlyAsync(run, async ct =>
        {
            await writer.SaveLogAsync(run, ct);
            await store.InTransactionAsync(async db =>
            {
                if (await RunLedger.WaitAsync(waiting, job, db, ct) is { } cancelAsked)
                {
                    await queue.ScheduleAsync(db, run.Id, cancelAsked ? TimeSpan.Zero : lookAgain, () => run.Change(_ => waiting), ct);
                }

                return true;
            }, ct);
        }, stopping);
    }

    /// <summary>Lets a run go that asks a person; false when it is to be cancelled instead.</summary>
    public async Task<bool> AskAsync(ActiveRun run, string asks, CancellationToken stopping)
    {
        var asking = run.View with
        {
            State = RunState.NeedsDecision,
            Decision = new RunDecision(asks, clock.GetUtcNow()),
            Revision = active.NextRevision(),
        };
        run.Log(RunLogLevel.Warning, null, null, "Not published yet, because it needs a decision: publish it anyway, or discard it.");
        var asked = false;
        await writer.PatientlyAsync(run, async ct =>
        {
            await writer.SaveLogAsync(run, ct);
            asked = await store.InTransactionAsync(async db =>
            {
                if (await RunLedger.AskAsync(asking, db, ct))
                {
                    await WitnessAsync(db, asking, ct);
                    return true;
                }

                // Written again because the connection broke, it asks already.
                return !await RunQueries.IsActiveAsync(db, run.Id, ct);
            }, ct);
        }, stopping);
        if (asked)
        {
            active.Leave(run); // before it is shown, so that whoever reacts finds the warehouse free
            run.Change(_ => asking);
            RunsLog.Ended(logger, run.Id, RunState.NeedsDecision);
        }

        return asked;
    }

    private async Task WitnessAsync(NpgsqlConnection db, RunView run, CancellationToken ct)
    {
        foreach (var witness in witnesses)
        {
            await witness.SeenAsync(db, run, ct);
        }
    }

    private async Task<(RunKind Kind, RunChoice Choice, IReadOnlyList<RunStep> Steps)?> NextAsync(
        ActiveRun run, RunKind kind, CancellationToken ct)
    {
        try
        {
            var definition = definitions.For(kind);
            var steps = await definition.StepsAsync(run.View.Warehouse, starting: true, ct);
            return (kind, await definition.ChooseAsync(run.View.Warehouse, RunChoice.None, ct), steps);
        }
        catch (SparkifyException ex)
        {
            NotQueued(run, kind, ex);
            return null;
        }
    }

    private void NotQueued(ActiveRun run, RunKind kind, SparkifyException ex)
    {
        RunsLog.NextNotQueued(logger, run.Id, ex);
        run.Log(RunLogLevel.Warning, null, null, $"The {kind.Word()} that should follow was not queued. {ex.Message}");
    }
}
