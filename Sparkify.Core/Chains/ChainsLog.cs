using Microsoft.Extensions.Logging;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Chains;

internal static partial class ChainsLog
{
    [LoggerMessage(1701, LogLevel.Information, "Chain {Chain} of {Warehouse} started its {Part} as run {Run}")]
    public static partial void Started(ILogger logger, long chain, string warehouse, RunKind part, long run);

    [LoggerMessage(1702, LogLevel.Warning, "Chain {Chain} of {Warehouse} could not start its {Part} yet: {Reason}")]
    public static partial void NotYet(ILogger logger, long chain, string warehouse, RunKind part, string reason);

    [LoggerMessage(1703, LogLevel.Warning, "Chain {Chain} of {Warehouse} goes on without its {Part}: {Reason}")]
    public static partial void Refused(ILogger logger, long chain, string warehouse, RunKind part, string reason);

    [LoggerMessage(1704, LogLevel.Error, "Chain {Chain} of {Warehouse} could not start its {Part}")]
    public static partial void Failed(ILogger logger, long chain, string warehouse, RunKind part, Exception exception);

    [LoggerMessage(1705, LogLevel.Information, "Chain {Chain} of {Warehouse} has ended: {State}. {Said}")]
    public static partial void Ended(ILogger logger, long chain, string warehouse, ChainState state, string said);

    [LoggerMessage(1706, LogLevel.Warning, "What comes next in chain {Chain} is looked for again in a minute")]
    public static partial void NotLooked(ILogger logger, string chain, Exception exception);
}
