using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Runs;

internal static partial class RunsLog
{
    [LoggerMessage(600, LogLevel.Information, "Run {Run} ({Kind} of {Warehouse}) begins, start {Start}")]
    public static partial void Begins(ILogger logger, long run, RunKind kind, string warehouse, int start);

    [LoggerMessage(601, LogLevel.Information, "Run {Run} ended: {State}")]
    public static partial void Ended(ILogger logger, long run, RunState state);

    [LoggerMessage(602, LogLevel.Error, "Step {Step} of run {Run} failed in attempt {Attempt}")]
    public static partial void StepFailed(ILogger logger, long run, string step, int attempt, Exception exception);

    [LoggerMessage(603, LogLevel.Information, "Run {Run} is handed over: the application stops, or another worker has it")]
    public static partial void HandedOver(ILogger logger, long run);

    [LoggerMessage(604, LogLevel.Warning, "The store does not take what run {Run} writes; trying again")]
    public static partial void StoreDoesNotAnswer(ILogger logger, long run, Exception exception);

    [LoggerMessage(605, LogLevel.Error, "The run that should follow run {Run} could not be queued")]
    public static partial void NextNotQueued(ILogger logger, long run, Exception exception);

    [LoggerMessage(606, LogLevel.Error, "Run {Run} could not be taken up")]
    public static partial void NotTakenUp(ILogger logger, long run, Exception exception);

    [LoggerMessage(607, LogLevel.Warning, "Run {Run} had no job that would carry it on and was queued again")]
    public static partial void Recovered(ILogger logger, long run);

    [LoggerMessage(
        608, LogLevel.Warning, "What happens by the clock is not in the queue's plan yet and is put there in a moment: {Reason}")]
    public static partial void NotPlannedYet(ILogger logger, string reason);
}
