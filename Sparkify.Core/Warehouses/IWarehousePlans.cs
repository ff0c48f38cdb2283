using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Warehouses;

/// <summary>Tells what provisioning would do, without doing it.</summary>
[Guarded]
public interface IWarehousePlans
{
    /// <summary>
    /// The plan for a warehouse that exists or is only being described, resource by resource. Throws a
    /// <see cref="Common.SparkifyException"/> with a sentence when something that is not ours is in the way.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct);
}
