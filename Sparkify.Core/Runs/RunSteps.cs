using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What came of carrying a run's steps.</summary>
/// <param name="State">Succeeded, failed or cancelled; running when it waits; needs decision when it asks.</param>
/// <param name="Error">Why it failed, as a sentence.</param>
/// <param name="LookAgain">After how long a run that waits looks again.</param>
/// <param name="Asks">What it asks a person.</param>
internal readonly record struct StepsOutcome(RunState State, string? Error = null, TimeSpan? LookAgain = null, string? Asks = null);

/// <summary>
/// Carries a run from its first step that is not done to its last. Where that is, it asks before it begins, and again after everything
/// that may have taken away what the done steps made.
/// </summary>
internal sealed class RunSteps(
    RunWriter writer, StepShell shell, IEnumerable<IRunDefinition> definitions, RunSignals signals, TimeProvider clock)
{
    // 1, 2, 4, 8 and then 15 seconds apart: as long as a server needs to recover from a crash.
    private const int MostBroken = 12;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Works on the steps. Throws <see cref="OperationCanceledException"/> when the application stops first.</summary>
    public async Task<StepsOutcome> WorkAsync(ActiveRun run, RunLedger.Begun begun, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, run.Cancelled);
        try
        {
            return await WorkAsync(run, begun, begun.Waited ? stopping : either.Token, either.Token, stopping);
        }
        catch (OperationCanceledException) when (run.Cancelled.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            await CloseAsync(run, stopping);
            return new StepsOutcome(RunState.Cancelled);
        }
    }

    /// <summary>Closes what a run that ends while nobody works on its steps left open.</summary>
    public async Task CloseAsync(ActiveRun run, CancellationToken stopping)
    {
        for (var i = 0; i < run.View.Steps.Count; i++)
        {
            if (run.View.Steps[i].State is StepState.Running or StepState.Pending)
            {
                var closed = run.ChangeStep(i, s => s.State == StepState.Pending
                    ? s with { State = StepState.Skipped }
                    : s with { State = StepState.Cancelled, FinishedAt = clock.GetUtcNow() });
                await writer.SaveAsync(run, i, closed, stopping);
            }
        }
    }

    private async Task<StepsOutcome> WorkAsync(
        ActiveRun run, RunLedger.Begun begun, CancellationToken asking, CancellationToken ct, CancellationToken stopping)
    {
        var definition = definitions.For(run.View.Kind);
        var steps = await PatientlyAsync(run, token => definition.StepsAsync(run.View.Warehouse, starting: false, token), asking);
        var startOver = (begun.ByAnotherBuild && definition.StartsOverAfterUpdate) || !IsSame(run.View.Steps, steps);
        var first = startOver ? 0 : await ResumeAtAsync(run, definition, asking);
        if (!begun.Waited || startOver || first != Open(run))
        {
            if (begun.Starts > 1 || run.View.Steps.Any(static s => s.State == StepState.Running))
            {
                run.Log(RunLogLevel.Warning, null, null, startOver
                    ? "Begun again from the start: another version of the application began this run."
                    : $"Taken up again at '{Title(run, first)}' after the application stopped.");
            }

            await ReopenAsync(run, steps, first, startOver || first < Open(run), stopping);
        }

        for (var broken = 0; ;)
        {
            var before = Open(run);
            var (outcome, failure) = await OnceAsync(run, steps, first, ct, stopping);
            if (failure is null)
            {
                return outcome;
            }

            // Only failures without any progress between them count.
            broken = Open(run) > before ? 1 : broken + 1;
            if (broken > MostBroken || !await MayRecoverAsync(run, definition, failure, ct))
            {
                await CloseAsync(run, stopping);
                return outcome;
            }

            var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, broken - 1), LongestPause.TotalSeconds));
            signals.Retried(run.View.Kind);
            run.Log(RunLogLevel.Warning, null, null, $"Tried again in {pause.TotalSeconds:0} s, because waiting can help.");
            await Task.Delay(pause, clock, ct);
            first = await ResumeAtAsync(run, definition, ct);
            var lost = first < Open(run);
            if (lost)
            {
                run.Log(
                    RunLogLevel.Warning, null, null, $"What was built so far is not there any more: begun again at '{Title(run, first)}'.");
            }

            await ReopenAsync(run, steps, first, lost, stopping);
        }
    }

    // A failure that nobody foresaw may only be how it shows that the server crashed: then what was built is gone.
    private async Task<bool> MayRecoverAsync(ActiveRun run, IRunDefinition definition, Exception failure, CancellationToken ct) =>
        RunFailures.IsTransient(failure)
        || (failure is not (SparkifyException or PostgresException) && await ResumeAtAsync(run, definition, ct) < Open(run));

    // One pass over the steps that are not done; with the failure that ended it, if one did.
    private async Task<(StepsOutcome Outcome, Exception? Failure)> OnceAsync(
        ActiveRun run, IReadOnlyList<RunStep> steps, int first, CancellationToken ct, CancellationToken stopping)
    {
        for (var i = first; i < steps.Count;)
        {
            if (await AskAsync(run, steps[i], ct) is { } asks)
            {
                return (new StepsOutcome(RunState.NeedsDecision, Asks: asks), null);
            }

            var next = i + 1 + steps.Skip(i + 1).TakeWhile(static s => s.WithPrevious).Count();
            var outcome = await TogetherAsync(run, steps, i, next, ct, stopping);
            switch (outcome.State)
            {
                case StepState.Succeeded:
                    i = next;
                    break;
                case StepState.Running:
                    return (new StepsOutcome(RunState.Running, LookAgain: outcome.LookAgain), null);
                case StepState.Cancelled:
                    await CloseAsync(run, stopping);
                    return (new StepsOutcome(RunState.Cancelled), null);
                default:
                    return (new StepsOutcome(RunState.Failed, RunFailures.Sentence(outcome.Failure!)), outcome.Failure);
            }
        }

        return (new StepsOutcome(RunState.Succeeded), null);
    }

    // What a person must decide before a step. An answer is for what was asked: when something else is found, it is asked again.
    private async Task<string?> AskAsync(ActiveRun run, RunStep step, CancellationToken ct)
    {
        if (step.AskAsync is not { } ask || await PatientlyAsync(run, token => ask(run.Id, token), ct) is not { } asks)
        {
            return null;
        }

        return run.View.Decision is { Answer: RunAnswer.Publish } decision && decision.Asks == asks ? null : asks;
    }

    // The steps of a group that are not done, at the same time. One that fails for good stops the others; its failure is the group's.
    private async Task<StepOutcome> TogetherAsync(
        ActiveRun run, IReadOnlyList<RunStep> steps, int first, int end, CancellationToken ct, CancellationToken stopping)
    {
        using var peers = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Exception? failure = null;
        var open = Enumerable.Range(first, end - first).Where(i => run.View.Steps[i].State != StepState.Succeeded);
        var outcomes = await Task.WhenAll(open.Select(async i =>
        {
            var outcome = await shell.WorkAsync(run, i, steps[i], peers.Token, stopping);
            if (outcome.Failure is { } why)
            {
                Interlocked.CompareExchange(ref failure, why, null);
                if (!RunFailures.IsTransient(why))
                {
                    await peers.CancelAsync();
                }
            }

            return outcome;
        }));
        return failure is not null ? new StepOutcome(StepState.Failed, failure)
            : outcomes.Any(static o => o.State == StepState.Cancelled) ? new StepOutcome(StepState.Cancelled)
            : outcomes.Where(static o => o.LookAgain is not null).FirstOrDefault(new StepOutcome(StepState.Succeeded));
    }

    // Where the run goes on. The server that knows may be restarting just now.
    private Task<int> ResumeAtAsync(ActiveRun run, IRunDefinition definition, CancellationToken ct) =>
        PatientlyAsync(run, token => definition.ResumeAtAsync(run.View.Warehouse, run.Id, Open(run), token), ct);

    private async Task<T> PatientlyAsync<T>(ActiveRun run, Func<CancellationToken, Task<T>> ask, CancellationToken ct)
    {
        T answer = default!;
        await writer.PatientlyAsync(run, async token => answer = await ask(token), ct);
        return answer;
    }

    // What was under way gets a new attempt, and so does what was done but is not there any more. What is done beside an open step stays.
    private async Task ReopenAsync(ActiveRun run, IReadOnlyList<RunStep> steps, int first, bool everything, CancellationToken ct)
    {
        if (run.View.Steps.Count > steps.Count)
        {
            // Another version of the application had more.
            run.Change(view => view with { Steps = [.. view.Steps.Take(steps.Count)] });
            await writer.TrimAsync(run, steps.Count, ct);
        }

        for (var i = first; i < steps.Count; i++)
        {
            var step = i < run.View.Steps.Count ? run.View.Steps[i] : null;
            if (step is { State: StepState.Running })
            {
                var interrupted = step with
                {
                    State = StepState.Failed,
                    FinishedAt = clock.GetUtcNow(),
                    Message = "Interrupted: the application stopped.",
                };
                await writer.SaveAsync(run, i, interrupted, ct);
            }

            if (step is null)
            {
                run.Change(view => view with { Steps = [.. view.Steps, RunQueue.Pending(steps[i].Name, steps[i].Title, 1)] });
                await writer.SaveAsync(run, i, run.View.Steps[i], ct);
            }
            else if (everything || step.State != StepState.Succeeded)
            {
                var attempt = step.StartedAt is null ? step.Attempt : step.Attempt + 1;
                await writer.SaveAsync(run, i, run.ChangeStep(i, _ => RunQueue.Pending(steps[i].Name, steps[i].Title, attempt)), ct);
            }
        }
    }

    private static int Open(ActiveRun run) => run.View.Steps.TakeWhile(static s => s.State == StepState.Succeeded).Count();

    private static string Title(ActiveRun run, int ordinal) => run.View.Steps[Math.Min(ordinal, run.View.Steps.Count - 1)].Title;

    private static bool IsSame(IReadOnlyList<StepView> ledger, IReadOnlyList<RunStep> steps) =>
        ledger.Select(static s => s.Name).SequenceEqual(steps.Select(static s => s.Name), StringComparer.Ordinal);
}
