using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>The run that loads a warehouse: write, audit, publish.</summary>
internal sealed class LoadRun(
    IWarehouses warehouses, IWarehouseDatabases databases, IEnumerable<ILoadPlan> plans, LoadRecords records) : IRunDefinition
{
    public RunKind Kind => RunKind.Load;

    public bool StartsOverAfterUpdate => true;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = (await warehouses.GetAsync(warehouse, ct)).MustBeAvailable();
        var database = databases.Open(described, WarehouseRole.Loader);
        var plan = plans.For(described);
        return [.. plan.Steps.Select(s =>
            new RunStep(
                s.Name, s.Title, (step, token) => plan.RunAsync(s, new LoadContext(described, database, step), token), s.WithPrevious)
            {
                AskAsync = s.Publishes ? records.AskAsync : null,
            })];
    }

    public async Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct)
    {
        if (firstOpen == 0)
        {
            return 0;
        }

        var described = await warehouses.GetAsync(warehouse, ct);
        return await plans.For(described).ResumeAtAsync(described, run, firstOpen, ct);
    }
}
