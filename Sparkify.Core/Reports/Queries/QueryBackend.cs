using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>The process that works on a query, as its server numbers it.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="Role">The role that logged in, which stands in the title of the process.</param>
/// <param name="OfTheStore">Whether it is one of the store's server; what stands behind the simulator may be another.</param>
internal sealed record QueryBackend(int Pid, string Role, bool OfTheStore)
{
    /// <summary>That of a connection; none where the server is none of ours.</summary>
    public static QueryBackend? Of(Warehouse warehouse, int pid) =>
        warehouse.Target == WarehouseTarget.Redshift && !warehouse.Simulated ? null
            : new QueryBackend(pid, warehouse.OneLogin ? warehouse.Existing!.User : new LocalNames(warehouse.Name).Reporter,
                warehouse.Target == WarehouseTarget.Local);
}
