using Npgsql;
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
    private readonly ISources _sources;
    private readonly IReadOnlyList<ILoadStep> _steps;
    private readonly int _lastStaging;
    private readonly int _publish;

    public LoadRun(
        IWarehouses warehouses, IWarehouseDatabases databases, IWarehouseJournal journal, ISources sources, IStager stager, LoadRecords records, TimeProvider clock)
    {
        _warehouses = warehouses;
        _databases = databases;
        _sources = sources;
        _steps =
        [
            new ScanStep(sources),
            new StageStep(SourcePart.Events, StagingTable.Events, sources, stager, records),
            new StageStep(SourcePart.Songs, StagingTable.Songs, sources, stager, records),
            // Side by side: each is one statement, and none needs another's table.
            new BuildStep("users", "Build users"),
            new BuildStep("artists", "Build artists", withPrevious: true),
            new BuildStep("songs", "Build songs", withPrevious: true),
            new BuildStep("time", "Build time", withPrevious: true),
            new BuildStep("songplays", "Build songplays", withPrevious: true),
            new ChecksStep(records),
            new PublishStep(clock),
            new CountsStep(journal),
        ];
        _lastStaging = _steps.Index().Last(s => s.Item is StageStep).Index;
        _publish = _steps.Index().Single(s => s.Item is PublishStep).Index;
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
        return [.. _steps.Select(s => new RunStep(s.Name, s.Title, (step, token) => s.RunAsync(new LoadContext(described, database, step), token), s.WithPrevious))];
    }

    // Back to the scan when the build is gone (dropped by hand, or emptied because the server crashed and staging tables are unlogged),
    // or when files are still to be staged and the source is not what was scanned: somebody mended it, or it has grown.
    public async Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct)
    {
        if (firstOpen == 0)
        {
            return 0;
        }

        var described = await _warehouses.GetAsync(warehouse, ct);
        await using var db = await _databases.Open(described, WarehouseRole.Loader).OpenConnectionAsync(ct);
        if (firstOpen >= _publish && await LoadTables.HoldsAsync(db, Schemas.Published, run, ct))
        {
            return firstOpen;
        }

        var there = await LoadTables.HoldsAsync(db, Schemas.Build, run, ct)
            && (firstOpen > _lastStaging || await UnchangedAsync(described, db, ct));
        return there ? firstOpen : 0;
    }

    private async Task<bool> UnchangedAsync(Warehouse warehouse, NpgsqlConnection db, CancellationToken ct)
    {
        var source = await _sources.OpenAsync(warehouse.Source, progress: null, ct);
        foreach (var part in Enum.GetValues<SourcePart>())
        {
            using var scanned = (await LoadTables.FilesAsync(db, part, ct)).GetEnumerator();
            await foreach (var file in source.ListAsync(part, ct))
            {
                if (!scanned.MoveNext() || !LoadTables.IsSame(scanned.Current.File, file))
                {
                    return false;
                }
            }

            if (scanned.MoveNext())
            {
                return false;
            }
        }

        return true;
    }
}
