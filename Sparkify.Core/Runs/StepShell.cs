using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Runs;

/// <summary>What came of one attempt at a step.</summary>
/// <param name="State">Succeeded, failed, cancelled; running when it waits.</param>
/// <param name="Failure">Why it failed.</param>
/// <param name="LookAgain">After how long a step that waits looks again.</param>
internal readonly record struct StepOutcome(StepState State, Exception? Failure = null, TimeSpan? LookAgain = null);

/// <summary>Carries one attempt at a step; whatever the step throws ends here, as an outcome and a sentence.</summary>
internal sealed class StepShell(RunWriter writer, RunSignals signals, TimeProvider clock, ILogger<StepShell> logger)
{
    /// <summary>
    /// Works on a step: succeeded, failed, cancelled (by a person, or through <paramref name="ct"/> because a step beside it failed), or
    /// waiting. Throws <see cref="OperationCanceledException"/> when the application stops first.
    /// </summary>
    public async Task<StepOutcome> WorkAsync(ActiveRun run, int ordinal, RunStep step, CancellationToken ct, CancellationToken stopping)
    {
        var now = clock.GetUtcNow();
        // An attempt that waited goes on; every other begins.
        var started = run.ChangeStep(ordinal, s => s with
        {
            State = StepState.Running,
            StartedAt = s.State == StepState.Running ? s.StartedAt : now,
            FinishedAt = null,
            Message = s.State == StepState.Running ? s.Message : null,
        });
        using var span = RunSignals.BeginStep(step.Name, started.Attempt);
        await writer.SaveAsync(run, ordinal, started, stopping);
        var progress = new StepProgress();
        var context = new StepContext(
            run.Id, run.View.Warehouse, run.View.Actor, started.Attempt, started.StartedAt ?? now, progress, clock,
            (level, line) => run.Log(level, step.Name, started.Attempt, line), adds => run.Change(view => view with { Adds = adds }))
        {
            Choice = new RunChoice(run.View.Star, run.View.Mode, run.View.Snapshot),
        };
        var pulse = new StepPulse(run, ordinal, progress, view => writer.SaveAsync(run, ordinal, view, stopping), clock);
        var waited = started.StartedAt < now;
        var failure = await WatchAsync(
            pulse, () => waited || !ct.IsCancellationRequested ? step.WorkAsync(context, ct) : Task.FromCanceled(ct), run, stopping);
        if (failure is StepWaitsException waits && !ct.IsCancellationRequested)
        {
            await writer.SaveAsync(run, ordinal, run.ChangeStep(ordinal, s => pulse.Read(s, ended: false)), stopping);
            return new StepOutcome(StepState.Running, LookAgain: waits.LookAgain);
        }

        var outcome = await FinishAsync(run, ordinal, step, pulse, failure, ct, stopping);
        signals.StepEnded(span, run.View.Kind, run.View.Steps[ordinal], failure);
        return outcome;
    }

    private static async Task<Exception?> WatchAsync(StepPulse pulse, Func<Task> work, ActiveRun run, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var beating = pulse.BeatAsync(ended.Token);
        try
        {
            await work();
            return null;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !run.Cancelled.IsCancellationRequested)
        {
            throw; // handed over: the step stays 'running' in the ledger and is taken up again
        }
        catch (Exception ex)
        {
            // The shell: the one place where what a step throws is caught, whatever it is.
            return ex;
        }
        finally
        {
            await ended.CancelAsync();
            await beating;
        }
    }

    private async Task<StepOutcome> FinishAsync(
        ActiveRun run, int ordinal, RunStep step, StepPulse pulse, Exception? failure, CancellationToken ct, CancellationToken stopping)
    {
        // A step may be cancelled by something of its own, such as a timeout: that is a failure unless it was asked to stop.
        var state = failure is null ? StepState.Succeeded : ct.IsCancellationRequested ? StepState.Cancelled : StepState.Failed;
        var sentence = state == StepState.Failed ? RunFailures.Sentence(failure!) : null;
        if (sentence is not null)
        {
            var attempt = run.View.Steps[ordinal].Attempt;
            RunsLog.StepFailed(logger, run.Id, step.Name, attempt, failure!);
            run.Log(RunLogLevel.Error, step.Name, attempt, sentence);
        }

        var done = run.ChangeStep(ordinal, s =>
        {
            var read = pulse.Read(s, ended: true);
            return read with
            {
                State = state,
                FinishedAt = clock.GetUtcNow(),
                Share = state == StepState.Succeeded ? 1 : read.Share,
                Message = state switch
                {
                    StepState.Failed => sentence,
                    StepState.Cancelled when !run.Cancelled.IsCancellationRequested => "Stopped, because a step beside it failed.",
                    _ => read.Message,
                },
            };
        });
        await writer.SaveAsync(run, ordinal, done, stopping);
        return new StepOutcome(state, state == StepState.Failed ? failure : null);
    }
}
