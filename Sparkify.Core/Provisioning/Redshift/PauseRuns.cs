using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Resources;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>The run that pauses a cluster.</summary>
internal sealed class PauseRun(RedshiftProvisioner redshift, IWarehouses warehouses, RunQueries runs) : IRunDefinition
{
    public RunKind Kind => RunKind.Pause;

    public Task RefuseAsync(string warehouse, CancellationToken ct) => OnRedshift.PausableAsync(warehouses, warehouse, "paused", ct);

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await OnRedshift.PausableAsync(warehouses, warehouse, "paused", ct);
        return !starting || await OnRedshift.MayRunAsync(warehouses, described, ct) || await MayBeUpAsync(described, ct)
            ? redshift.Pause(described)
            : throw SparkifyException.Conflict(
                $"Only a running cluster can be paused; '{warehouse}' is {described.State.ToString().ToLowerInvariant()}.");
    }

    // A resumption that began and did not come to its end may have left its cluster running, and AWS goes on with it.
    private async Task<bool> MayBeUpAsync(Warehouse warehouse, CancellationToken ct) => warehouse.State == WarehouseState.Paused
        && (await runs.OfKindsAsync(warehouse.Name, [RunKind.Pause, RunKind.Resume], ct))
            .LastOrDefault(static r => r.State == RunState.Succeeded || r is { Kind: RunKind.Resume, StartedAt: not null })
            is { Kind: RunKind.Resume };
}

/// <summary>The run that starts a paused cluster again.</summary>
internal sealed class ResumeRun(RedshiftProvisioner redshift, IWarehouses warehouses) : IRunDefinition
{
    public RunKind Kind => RunKind.Resume;

    public Task RefuseAsync(string warehouse, CancellationToken ct) => OnRedshift.PausableAsync(warehouses, warehouse, "resumed", ct);

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await OnRedshift.PausableAsync(warehouses, warehouse, "resumed", ct);
        return !starting || described.State == WarehouseState.Paused
            ? redshift.Resume(described)
            : throw SparkifyException.Conflict(
                $"Only a paused warehouse can be resumed; '{warehouse}' is {described.State.ToString().ToLowerInvariant()}.");
    }
}

internal static class OnRedshift
{
    /// <summary>
    /// Whether a warehouse has a cluster that may run, and cost: it is available, or a provisioning or a teardown that did not come to
    /// its end has left one behind.
    /// </summary>
    public static async Task<bool> MayRunAsync(IWarehouses warehouses, Warehouse warehouse, CancellationToken ct) => warehouse switch
    {
        { CanPause: false } => false, // it may run, and is not ours to stop
        { Target: WarehouseTarget.Redshift, State: WarehouseState.Available } => true,
        { Target: WarehouseTarget.Redshift, State: WarehouseState.Defined } =>
            (await warehouses.ResourcesAsync(warehouse.Name, ct)).Any(static r => r is { Kind: ClusterResource.Word, RemovedAt: null }),
        _ => false,
    };

    /// <summary>A warehouse with a cluster of its own; a sentence for any other.</summary>
    public static async Task<Warehouse> OwnAsync(IWarehouses warehouses, string name, string what, CancellationToken ct)
    {
        var warehouse = await GetAsync(warehouses, name, what, ct);
        return warehouse.Existing is { } other ? throw SparkifyException.Invalid(
            $"Only a cluster that was made for its warehouse can be {what}; that of '{name}', {other.Host}, is somebody else's.") : warehouse;
    }

    /// <summary>A warehouse whose cluster may be paused from here; a sentence for any other.</summary>
    public static async Task<Warehouse> PausableAsync(IWarehouses warehouses, string name, string what, CancellationToken ct)
    {
        var warehouse = await GetAsync(warehouses, name, what, ct);
        return warehouse.CanPause ? warehouse : throw SparkifyException.Invalid(
            $"The cluster of '{name}', {warehouse.Existing!.Host}, is somebody else's. It is not {what} from here unless its settings say that it may be (pausable), which stops it for everybody who uses it.");
    }

    public static async Task<Warehouse> GetAsync(IWarehouses warehouses, string name, string what, CancellationToken ct)
    {
        var warehouse = await warehouses.GetAsync(name, ct);
        return warehouse.Target == WarehouseTarget.Redshift
            ? warehouse
            : throw SparkifyException.Invalid($"Only a warehouse on Redshift can be {what}; '{name}' is local and costs nothing.");
    }
}
