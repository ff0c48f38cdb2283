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

    /// <summary>The steps that create what is missing.</summary>
    IReadOnlyList<RunStep> Provision(Warehouse warehouse);

    /// <summary>The steps that take everything down and prove it.</summary>
    IReadOnlyList<RunStep> Teardown(Warehouse warehouse);
}
