namespace Sparkify.Core.Warehouses;

/// <summary>Tells what provisioning would do, without doing it.</summary>
public interface IWarehousePlans
{
    /// <summary>
    /// The plan for a warehouse that exists or is only being described, resource by resource. Throws a
    /// <see cref="Common.SparkifyException"/> with a sentence when something that is not ours is in the way.
    /// </summary>
    Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct);
}
