using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Reports;

internal static partial class ReportsLog
{
    [LoggerMessage(1201, LogLevel.Error, "Query {Query} failed for a reason nobody foresaw")]
    public static partial void QueryFailed(ILogger logger, long query, Exception exception);
}
