using Microsoft.Extensions.Options;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Pipeline.Steps;
using Sparkify.Core.Quality;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>How a local warehouse is loaded: we read, the server builds.</summary>
internal sealed class LocalLoad : ILoadPlan
{
    private readonly IWarehouseDatabases _databases;
    private readonly ISources _sources;
    private readonly int _lastStaging;
    private readonly int _publish;

    public LocalLoad(IWarehouseDatabases databases, IWarehouseJournal journal, ISources sources, IStager stager, LoadRecords records, PublishedReaders readers, IOptions<LoadOptions> options)
    {
        _databases = databases;
        _sources = sources;
        Steps =
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
            new ChecksStep(StarChecks.WhereKeysAreEnforced, records, local: true),
            new PublishStep(readers, options),
            new CountsStep(journal, local: true),
        ];
        _lastStaging = Steps.Index().Last(s => s.Item is StageStep).Index;
        _publish = Steps.Index().Single(s => s.Item is PublishStep).Index;
    }

    public WarehouseTarget Target => WarehouseTarget.Local;

    public IReadOnlyList<ILoadStep> Steps { get; }

    // Back to the scan when the build is gone (dropped by hand, or emptied because the server crashed and staging tables are unlogged),
    // or when files are still to be staged and the source is not what was scanned: somebody mended it, or it has grown.
    public async Task<int> ResumeAtAsync(Warehouse warehouse, long run, int firstOpen, CancellationToken ct)
    {
        await using var db = await _databases.Open(warehouse, WarehouseRole.Loader).OpenConnectionAsync(ct);
        if (firstOpen >= _publish && await LoadTables.HoldsAsync(db, Schemas.Published, run, ct))
        {
            return firstOpen;
        }

        var there = await LoadTables.HoldsAsync(db, Schemas.Build, run, ct)
            && (firstOpen > _lastStaging || await ScannedSource.IsUnchangedAsync(
                await _sources.OpenAsync(warehouse.Source, progress: null, ct), part => LoadTables.FilesAsync(db, part, ct), ct));
        return there ? firstOpen : 0;
    }
}
