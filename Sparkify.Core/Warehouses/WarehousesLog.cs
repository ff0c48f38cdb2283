using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Warehouses;

internal static partial class WarehousesLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The warehouse {Warehouse} was {What} by {Actor}")]
    public static partial void Changed(ILogger logger, string warehouse, string what, string actor);
}
