using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>Provisions and takes down the warehouses of one target.</summary>
internal interface ITargetProvisioner
{
    /// <summary>The target it serves.</summary>
    WarehouseTarget Target { get; }

    /// <summary>What provisioning would do.</summary>
    Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct);

    /// <summary>Throws a sentence unless a provisioning can begin from a snapshot.</summary>
    Task CheckSnapshotAsync(Warehouse warehouse, string snapshot, CancellationToken ct) => throw SparkifyException.Invalid(
        $"The warehouse '{warehouse.Name}' has no cluster of its own, so there is no snapshot of one. Provision it without.");

    /// <summary>The steps that create what is missing.</summary>
    IReadOnlyList<RunStep> Provision(Warehouse warehouse);

    /// <summary>The steps that take everything down and prove it.</summary>
    IReadOnlyList<RunStep> Teardown(Warehouse warehouse);
}
