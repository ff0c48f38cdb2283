using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Warehouses;

internal static partial class WarehousesLog
{
    [LoggerMessage(1150, LogLevel.Information, "The warehouse {Warehouse} was {What} by {Actor}")]
    public static partial void Changed(ILogger logger, string warehouse, string what, string actor);
}
