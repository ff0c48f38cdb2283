using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>The run that pauses a cluster.</summary>
internal sealed class PauseRun(RedshiftProvisioner redshift, IWarehouses warehouses) : IRunDefinition
{
    public RunKind Kind => RunKind.Pause;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await OnRedshift.GetAsync(warehouses, warehouse, "paused", ct);
        return !starting || described.State == WarehouseState.Available
            ? redshift.Pause(described)
            : throw SparkifyException.Conflict($"Only an available warehouse can be paused; '{warehouse}' is {described.State.ToString().ToLowerInvariant()}.");
    }
}

/// <summary>The run that starts a paused cluster again.</summary>
internal sealed class ResumeRun(RedshiftProvisioner redshift, IWarehouses warehouses) : IRunDefinition
{
    public RunKind Kind => RunKind.Resume;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await OnRedshift.GetAsync(warehouses, warehouse, "resumed", ct);
        return !starting || described.State == WarehouseState.Paused
            ? redshift.Resume(described)
            : throw SparkifyException.Conflict($"Only a paused warehouse can be resumed; '{warehouse}' is {described.State.ToString().ToLowerInvariant()}.");
    }
}

internal static class OnRedshift
{
    public static async Task<Warehouse> GetAsync(IWarehouses warehouses, string name, string what, CancellationToken ct)
    {
        var warehouse = await warehouses.GetAsync(name, ct);
        return warehouse.Target == WarehouseTarget.Redshift
            ? warehouse
            : throw SparkifyException.Invalid($"Only a warehouse on Redshift can be {what}; '{name}' is local and costs nothing.");
    }
}
