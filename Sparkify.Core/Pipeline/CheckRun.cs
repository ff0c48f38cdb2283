using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Redshift;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Pipeline.Steps;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>The run that checks files: the source is read as a load would read it, and nothing is kept but what would be rejected.</summary>
internal sealed class CheckRun(
    IWarehouses warehouses, IWarehouseDatabases databases, ISources sources, IStager stager, RedshiftCheck redshift, LoadRecords records) : IRunDefinition
{
    // As many as Redshift counts.

    public RunKind Kind => RunKind.Check;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await warehouses.GetAsync(warehouse, ct);
        if (described is { Target: WarehouseTarget.Redshift, State: not WarehouseState.Available })
        {
            throw SparkifyException.Conflict($"The cluster of the warehouse '{warehouse}' reads the files to check them, and it is not available: provision or resume it first.");
        }

        return [Step(described, SourcePart.Events, StarSchema.StagingEvents), Step(described, SourcePart.Songs, StarSchema.StagingSongs)];
    }

    private RunStep Step(Warehouse warehouse, SourcePart part, StarTable table) => new(
        $"check-{LoadTables.Word(part)}", $"Check {LoadTables.Word(part)}",
        async (step, ct) =>
        {
            var source = await sources.OpenAsync(warehouse.Source, progress: null, ct);
            List<NumberedFile> files = [];
            await foreach (var file in source.ListAsync(part, ct))
            {
                files.Add(new NumberedFile(files.Count + 1, file));
            }

            step.Log($"{source.Location(part)}: {files.Count:N0} files.");
            var (read, bad) = warehouse.Target == WarehouseTarget.Redshift
                ? await redshift.CheckAsync(new LoadContext(warehouse, databases.Open(warehouse, WarehouseRole.Loader), step), part, table, source, files, RejectLimits.Most, ct)
                : await LocallyAsync(warehouse, part, table, source, files, step, ct);
            step.Progress.Message = $"{read:N0} record{(read == 1 ? "" : "s")}, {(bad == 0 ? "all good" : $"{bad:N0} bad")}";
            if (bad >= Math.Max(warehouse.MaxRejects, 1))
            {
                step.Warn($"A load would fail: it stops at {Math.Max(warehouse.MaxRejects, 1):N0} bad records, and the {LoadTables.Word(part)} have {bad:N0}. Mend the source, or raise the warehouse's reject limit.");
            }
        });

    private async Task<(long Read, long Bad)> LocallyAsync(
        Warehouse warehouse, SourcePart part, StarTable table, ISource source, List<NumberedFile> files, StepContext step, CancellationToken ct)
    {
        await records.ClearRejectsAsync(step.Run, part, ct);
        step.Progress.AddRejects(0);
        var job = new StagingJob(source, part, files, table, table.Name, databases.Open(warehouse, WarehouseRole.Loader), RejectLimits.Most) { OnlyChecks = true };
        var result = await stager.StageAsync(job, step.Progress, (batch, token) => records.AddRejectsAsync(step.Run, part, batch, token), ct);
        StagingReport.Write(step, table, result);
        return (result.Read, result.Rejected);
    }
}
