using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>
/// The run that checks files: the source is read as a load would read it, and nothing is kept but what would be rejected.
/// </summary>
internal sealed class CheckRun(
    IWarehouses warehouses, IWarehouseDatabases databases, ISources sources, IEnumerable<ILoadPlan> plans, IOptions<LoadOptions> options)
    : IRunDefinition
{
    public RunKind Kind => RunKind.Check;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        var plan = plans.For(described);
        if (plan.ChecksInWarehouse && described.State != WarehouseState.Available)
        {
            throw SparkifyException.Conflict(
                $"The cluster of the warehouse '{warehouse}' reads the files to check them, and it is not available: provision or resume it first.");
        }

        return [.. Enum.GetValues<SourcePart>().Select(part => new RunStep(
            $"check-{part.Word()}", $"Check {part.Word()}",
            (step, token) =>
                CheckAsync(plan, new LoadContext(described, databases.Open(described, WarehouseRole.Loader), step), part, token)))];
    }

    private async Task CheckAsync(ILoadPlan plan, LoadContext load, SourcePart part, CancellationToken ct)
    {
        var source = await sources.OpenAsync(load.Warehouse.Source, progress: null, ct);
        List<NumberedFile> files = [];
        LeftOutTally leftOut = new();
        await foreach (var file in Listing.FilesAsync(source, part, leftOut, ct))
        {
            files.Add(new NumberedFile(files.Count + 1, file));
        }

        Listing.Tell(load.Step, source, part, files.Count, files.Sum(static f => f.File.Bytes), leftOut);
        var found = await plan.CheckAsync(load, part, source, files, ct);
        var (read, bad) = (found.Read, found.Bad);
        load.Step.Progress.Message = $"{read:N0} record{(read == 1 ? "" : "s")}, {(bad == 0 ? "all good" : $"{bad:N0} bad")}";
        var limit = Math.Max(load.Warehouse.MaxRejects, 1);
        if (bad + found.FileRejects >= limit)
        {
            load.Step.Warn(
                $"A load would fail: it stops at {limit:N0} bad records, and the {part.Word()} have {bad + found.FileRejects:N0}. " +
                "Mend the source, or raise the warehouse's reject limit.");
        }

        if (FailedFiles.Problem(part, found.Failed, read - bad, options.Value.MaxBadFiles) is { } problem)
        {
            load.Step.Warn($"A load would fail. {problem.Message}");
        }
    }
}
