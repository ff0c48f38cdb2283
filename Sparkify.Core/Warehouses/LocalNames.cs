namespace Sparkify.Core.Warehouses;

/// <summary>
/// What a warehouse's parts are called on the server; on a cluster only the roles are ours to name. Names hold no underscores, so that no
/// two warehouses share one.
/// </summary>
internal sealed record LocalNames(string Warehouse)
{
    private readonly string _stem = "sparkify_" + Warehouse.Replace('-', '_');

    /// <summary>The database.</summary>
    public string Database => _stem;

    /// <summary>The role that loads.</summary>
    public string Loader => _stem + "_loader";

    /// <summary>The role that reads only.</summary>
    public string Reporter => _stem + "_reporter";

    /// <summary>The name of one role.</summary>
    public string Role(WarehouseRole role) => role == WarehouseRole.Loader ? Loader : Reporter;
}
