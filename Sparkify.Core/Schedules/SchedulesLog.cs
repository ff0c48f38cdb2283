using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Schedules;

internal static partial class SchedulesLog
{
    [LoggerMessage(1501, LogLevel.Information, "The schedule {Schedule} of {Warehouse}, due at {Due}, started run {Run}")]
    public static partial void Started(ILogger logger, string schedule, string warehouse, DateTimeOffset due, long run);

    [LoggerMessage(1502, LogLevel.Information, "The schedule {Schedule} of {Warehouse}, due at {Due}: {Outcome}. {Said}")]
    public static partial void Settled(
        ILogger logger, string schedule, string warehouse, DateTimeOffset due, TimeOutcome outcome, string said);

    [LoggerMessage(1503, LogLevel.Warning, "The schedule {Schedule} of {Warehouse}, due at {Due}, is tried again in a minute: {Reason}")]
    public static partial void NotYet(ILogger logger, string schedule, string warehouse, DateTimeOffset due, string reason);

    [LoggerMessage(1504, LogLevel.Error, "The schedule {Schedule} of {Warehouse}, due at {Due}, could not start its run")]
    public static partial void Failed(ILogger logger, string schedule, string warehouse, DateTimeOffset due, Exception exception);

    [LoggerMessage(1505, LogLevel.Warning, "What waits on {Warehouse} is tried again in a minute: {Reason}")]
    public static partial void NotTriedNow(ILogger logger, string warehouse, string reason);
}
