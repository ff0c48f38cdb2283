namespace Sparkify.Core.Warehouses;

/// <summary>Says what provisioning would do, before anything is created.</summary>
public interface IWarehousePlans
{
    /// <summary>
    /// The resources a warehouse would have, in the order of their creation, and what would happen to each. Reads only. Throws a
    /// <see cref="Common.SparkifyException"/> with a sentence when the request cannot be provisioned.
    /// </summary>
    Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct);
}
