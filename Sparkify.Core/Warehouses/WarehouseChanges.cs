using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>Tells who looks at warehouses that one of them has changed.</summary>
internal sealed class WarehouseChanges
{
    /// <summary>The names of those that have.</summary>
    public Feed<string> Names { get; } = new();
}
