using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>Finds the provisioner of a warehouse's target.</summary>
internal sealed class Provisioners(IEnumerable<ITargetProvisioner> all) : IWarehousePlans
{
    public ITargetProvisioner For(WarehouseTarget target) => all.FirstOrDefault(p => p.Target == target)
        ?? throw SparkifyException.Invalid(
            $"Warehouses with the target '{target.ToString().ToLowerInvariant()}' cannot be provisioned by this version.");

    public Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct)
    {
        WarehouseName.Check(request.Name);
        return For(request.Target).PlanAsync(request, ct);
    }
}

/// <summary>The run that creates what a warehouse needs. May be repeated at any time: every step looks first.</summary>
internal sealed class ProvisionRun(Provisioners provisioners, IWarehouses warehouses, IWarehouseJournal journal) : IRunDefinition
{
    public RunKind Kind => RunKind.Provision;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        return provisioners.For(described.Target).Provision(described);
    }

    // What it took back, because it could not use it, has to be made again.
    public async Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct) =>
        firstOpen > 0 && await journal.HasTakenBackAsync(warehouse, run, ct) ? 0 : firstOpen;

    public async Task<RunChoice> ChooseAsync(string warehouse, RunChoice asked, CancellationToken ct)
    {
        if (asked.Star is not null || asked.Mode is not null)
        {
            throw SparkifyException.Invalid("A provisioning is about no star and has no mode; it can begin from a snapshot.");
        }

        if (asked.Snapshot is { } snapshot)
        {
            var described = await warehouses.GetAsync(warehouse, ct);
            await provisioners.For(described.Target).CheckSnapshotAsync(described, snapshot, ct);
        }

        return asked;
    }
}

/// <summary>The run that takes a warehouse down.</summary>
internal sealed class TeardownRun(Provisioners provisioners, IWarehouses warehouses) : IRunDefinition
{
    public RunKind Kind => RunKind.Teardown;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        if (starting && (await warehouses.ResourcesAsync(warehouse, ct)).All(r => r.RemovedAt is not null))
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{warehouse}' owns nothing, so there is nothing to tear down. It can be forgotten.");
        }

        return provisioners.For(described.Target).Teardown(described);
    }
}
