using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Runs;

/// <summary>Carries one step through its attempts: tried again when waiting can help, stopped by a cancel or by a step beside it that failed.</summary>
internal sealed class StepShell(RunPen pen, TimeProvider clock, ILogger<StepShell> logger)
{
    private const int MostAttemptsInARow = 4;

    /// <summary>
    /// Works on a step: succeeded, failed with its sentence, or cancelled (by a person, or through <paramref name="ct"/> because a step
    /// beside it failed). Throws <see cref="OperationCanceledException"/> when the application stops first.
    /// </summary>
    public async Task<(StepState State, string? Error)> WorkAsync(ActiveRun run, int ordinal, RunStep step, CancellationToken ct, CancellationToken stopping)
    {
        for (var tries = 1; ; tries++)
        {
            var attempt = run.View.Steps[ordinal].Attempt;
            var failure = await AttemptAsync(run, ordinal, step, attempt, ct, stopping);
            if (failure is null)
            {
                return (StepState.Succeeded, null);
            }

            if (ct.IsCancellationRequested)
            {
                return (StepState.Cancelled, null);
            }

            if (!RunFailures.IsTransient(failure) || tries >= MostAttemptsInARow)
            {
                return (StepState.Failed, RunFailures.Sentence(failure));
            }

            var pause = TimeSpan.FromSeconds(Math.Pow(2, tries - 1));
            run.Log(RunLogLevel.Warning, step.Name, attempt, $"Tried again in {pause.TotalSeconds:0} s, because waiting can help.");
            await WaitAsync(pause, ct, stopping);
            var next = run.ChangeStep(ordinal, s => RunQueue.Pending(s.Name, s.Title, s.Attempt + 1));
            await pen.SaveAsync(run, ordinal, next, stopping);
        }
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken ct, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(pause, clock, ct);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // Cancelled: the next attempt ends before it begins.
        }
    }

    private async Task<Exception?> AttemptAsync(
        ActiveRun run, int ordinal, RunStep step, int attempt, CancellationToken ct, CancellationToken stopping)
    {
        var progress = new StepProgress();
        var started = run.ChangeStep(ordinal, s => s with { State = StepState.Running, StartedAt = clock.GetUtcNow(), FinishedAt = null, Message = null });
        await pen.SaveAsync(run, ordinal, started, stopping);
        var context = new StepContext(
            run.Id, run.View.Warehouse, run.View.Actor, attempt, progress, (level, line) => run.Log(level, step.Name, attempt, line));
        var pulse = new StepPulse(run, ordinal, progress, view => pen.SaveAsync(run, ordinal, view, stopping), clock);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var beating = pulse.BeatAsync(ended.Token);
        Exception? failure = null;
        try
        {
            ct.ThrowIfCancellationRequested();
            await step.WorkAsync(context, ct);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !run.Cancelled.IsCancellationRequested)
        {
            throw; // handed over: the step stays 'running' in the ledger and is taken up again
        }
        catch (Exception ex)
        {
            // The shell: whatever a step throws ends here, as an outcome and a sentence.
            failure = ex;
        }
        finally
        {
            await ended.CancelAsync();
            await beating;
        }

        await FinishAsync(run, ordinal, step, attempt, pulse, failure, ct, stopping);
        return failure;
    }

    private async Task FinishAsync(
        ActiveRun run, int ordinal, RunStep step, int attempt, StepPulse pulse, Exception? failure, CancellationToken ct, CancellationToken stopping)
    {
        // A step may be cancelled by something of its own, such as a timeout: that is a failure unless it was asked to stop.
        var state = failure is null ? StepState.Succeeded : ct.IsCancellationRequested ? StepState.Cancelled : StepState.Failed;
        if (state == StepState.Failed)
        {
            RunsLog.StepFailed(logger, run.Id, step.Name, attempt, failure!);
            run.Log(RunLogLevel.Error, step.Name, attempt, RunFailures.Sentence(failure!));
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
                    StepState.Failed => RunFailures.Sentence(failure!),
                    StepState.Cancelled when !run.Cancelled.IsCancellationRequested => "Stopped, because a step beside it failed.",
                    _ => read.Message,
                },
            };
        });
        await pen.SaveAsync(run, ordinal, done, stopping);
    }
}
