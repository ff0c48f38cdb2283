using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>How warehouses of one target are loaded.</summary>
internal interface ILoadPlan
{
    /// <summary>The target.</summary>
    WarehouseTarget Target { get; }

    /// <summary>The steps, in order.</summary>
    IReadOnlyList<ILoadStep> Steps { get; }

    /// <summary>Where to take a load up again; see <see cref="IRunDefinition.ResumeAtAsync"/>.</summary>
    Task<int> ResumeAtAsync(Warehouse warehouse, long run, int firstOpen, CancellationToken ct);
}

/// <summary>The run that loads a warehouse: write, audit, publish.</summary>
internal sealed class LoadRun(IWarehouses warehouses, IWarehouseDatabases databases, LoaderConnections connections, IEnumerable<ILoadPlan> plans) : IRunDefinition
{
    public RunKind Kind => RunKind.Load;

    public bool StartsOverAfterUpdate => true;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        if (described.State != WarehouseState.Available)
        {
            throw SparkifyException.Conflict(described.State == WarehouseState.Paused
                ? $"The warehouse '{warehouse}' is paused: resume it first."
                : $"The warehouse '{warehouse}' is {described.State.ToString().ToLowerInvariant()}, not available: provision it first.");
        }

        var database = databases.Open(described, WarehouseRole.Loader);
        return [.. PlanFor(described).Steps.Select(s =>
            new RunStep(s.Name, s.Title, (step, token) => WorkAsync(s, new LoadContext(described, database, step), token), s.WithPrevious))];
    }

    public async Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct)
    {
        if (firstOpen == 0)
        {
            return 0;
        }

        var described = await warehouses.GetAsync(warehouse, ct);
        return await PlanFor(described).ResumeAtAsync(described, run, firstOpen, ct);
    }

    private async Task WorkAsync(ILoadStep step, LoadContext load, CancellationToken ct)
    {
        using var taken = load.Warehouse.Target == WarehouseTarget.Local ? await connections.TakeAsync(step.Connections, ct) : null;
        await step.RunAsync(load, ct);
    }

    private ILoadPlan PlanFor(Warehouse warehouse) => plans.Single(p => p.Target == warehouse.Target);
}
