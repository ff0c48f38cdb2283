using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Pipeline.Steps;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>The run that loads a local warehouse: write, audit, publish.</summary>
internal sealed class LoadRun : IRunDefinition
{
    private readonly IWarehouses _warehouses;
    private readonly IWarehouseDatabases _databases;
    private readonly IReadOnlyList<ILoadStep> _steps;
    private readonly int _publish;

    public LoadRun(
        IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseJournal journal, ISources sources, IStager stager, LoadRecords records, TimeProvider clock)
    {
        _warehouses = warehouses;
        _databases = databases;
        _steps =
        [
            new ScanStep(sources),
            new StageStep(SourcePart.Events, StagingTable.Events, sources, stager, records),
            new StageStep(SourcePart.Songs, StagingTable.Songs, sources, stager, records),
            new BuildStep("users", "Build users"),
            new BuildStep("artists", "Build artists"),
            new BuildStep("songs", "Build songs"),
            new BuildStep("time", "Build time"),
            new BuildStep("songplays", "Build songplays"),
            new ChecksStep(records),
            new PublishStep(clock),
            new CountsStep(journal),
        ];
        _publish = _steps.Select((s, i) => (s, i)).Single(s => s.s is PublishStep).i;
    }

    public RunKind Kind => RunKind.Load;

    public async Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct)
    {
        var described = await _warehouses.GetAsync(warehouse, ct);
        if (described.State != WarehouseState.Available)
        {
            throw SparkifyException.Conflict($"The warehouse '{warehouse}' is {described.State.ToString().ToLowerInvariant()}, not available: provision it first.");
        }

        var database = _databases.Open(described, WarehouseRole.Loader);
        return [.. _steps.Select(s => new RunStep(s.Name, s.Title, (step, token) => s.RunAsync(new LoadContext(described, database, step), token)))];
    }

    // The build may be gone: dropped by hand, or emptied because the server crashed and staging tables are unlogged.
    public async Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct)
    {
        if (firstOpen == 0)
        {
            return 0;
        }

        var described = await _warehouses.GetAsync(warehouse, ct);
        await using var db = await _databases.Open(described, WarehouseRole.Loader).OpenConnectionAsync(ct);
        var there = await LoadTables.HoldsAsync(db, Schemas.Build, run, ct)
            || (firstOpen >= _publish && await LoadTables.HoldsAsync(db, Schemas.Published, run, ct));
        return there ? firstOpen : 0;
    }
}
