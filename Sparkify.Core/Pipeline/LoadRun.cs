using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>The run that loads a warehouse: write, audit, publish.</summary>
internal sealed class LoadRun(
    IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseJournal journal, IEnumerable<ILoadPlan> plans,
    LoadRecords records) : IRunDefinition
{
    public RunKind Kind => RunKind.Load;

    public bool StartsOverAfterUpdate => true;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = (await warehouses.GetAsync(warehouse, ct)).MustBeAvailable();
        var database = databases.Open(described, WarehouseRole.Loader);
        var plan = plans.For(described);
        return [.. plan.Steps.Select((s, at) =>
            new RunStep(
                s.Name, s.Title, (step, token) => WorkAsync(plan, at, new LoadContext(described, database, step), token), s.WithPrevious)
            {
                AskAsync = s.Publishes ? records.AskAsync : null,
            })];
    }

    private async Task WorkAsync(ILoadPlan plan, int at, LoadContext load, CancellationToken ct)
    {
        // The first step finds out.
        load = at == 0 ? load : load with { Addition = await records.AdditionAsync(load.Step.Run, ct) };
        if (load.Addition is not { Files: 0 } nothing)
        {
            await plan.RunAsync(plan.Steps[at], load, ct);
            return;
        }

        load.Step.Progress.Message = "Nothing is new";
        if (plan.Steps[at].Publishes)
        {
            await journal.UnchangedAsync(load.Warehouse.Name, ct);
            load.Step.Progress.Message = $"Nothing is new: readers keep the star of load {nothing.Star}";
        }
    }

    public async Task<RunChoice> ChooseAsync(string warehouse, RunChoice asked, CancellationToken ct) => asked.Star is null
        ? asked with { Mode = asked.Mode ?? (await warehouses.GetAsync(warehouse, ct)).LoadMode }
        : throw SparkifyException.Invalid("Only a run of the kind 'putBack' is about a star; a load is not.");

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
