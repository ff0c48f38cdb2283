using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>The run that publishes a star of before again: the last steps of a load, from another schema.</summary>
internal sealed class PutBackRun(
    IWarehouses warehouses, IWarehouseDatabases databases, IEnumerable<ILoadPlan> plans, StarVersions versions) : IRunDefinition
{
    public RunKind Kind => RunKind.PutBack;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = (await warehouses.GetAsync(warehouse, ct)).MustBeAvailable();
        var database = databases.Open(described, WarehouseRole.Loader);
        var plan = plans.For(described);
        return [.. plan.Steps.SkipWhile(static s => !s.Publishes).Select(s => new RunStep(
            s.Name, s.Publishes ? "Put back" : s.Title,
            (step, token) => RunAsync(plan, s, new LoadContext(described, database, step), token)))];
    }

    public async Task<RunChoice> ChooseAsync(string warehouse, RunChoice asked, CancellationToken ct) => asked.Mode is null
        ? asked with { Star = await versions.ChooseAsync(warehouse, asked.Star, ct) }
        : throw SparkifyException.Invalid("Only a load has a mode; putting a star back has none.");

    private static async Task RunAsync(ILoadPlan plan, ILoadStep step, LoadContext load, CancellationToken ct)
    {
        try
        {
            await plan.RunAsync(step, load, ct);
        }
        catch (GroundLostException)
        {
            throw SparkifyException.Conflict(
                $"The star of load {load.Star} is not in the schema {load.From} any more: somebody dropped it. Readers see what they saw before; load again instead.");
        }
    }
}
