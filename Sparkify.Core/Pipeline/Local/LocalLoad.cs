using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>How a local warehouse is loaded: we read, the server builds.</summary>
internal sealed class LocalLoad : ILoadPlan
{
    private readonly IWarehouseDatabases _databases;
    private readonly ISources _sources;
    private readonly IStager _stager;
    private readonly LoadRecords _records;
    private readonly LoaderConnections _connections;
    private readonly int _lastStaging;
    private readonly int _publish;

    public LocalLoad(
        IWarehouseDatabases databases, IWarehouseJournal journal, ISources sources, IStager stager, LoadRecords records,
        PublishedReaders readers, KeptStars kept,
        LoaderConnections connections, ITables tables, TimeProvider clock, IOptions<LoadOptions> options,
        IOptions<RecordOptions> reading)
    {
        (_databases, _sources, _stager, _records, _connections) = (databases, sources, stager, records, connections);
        Steps =
        [
            new ScanStep(sources, records, options, reading),
            // The catalogue first: plays are found in it while their events are staged.
            new StageStep(SourcePart.Songs, sources, stager, records, options),
            new StageStep(SourcePart.Events, sources, stager, records, options),
            // Side by side: each is one statement, and none needs another's table.
            .. StarSchema.Dimensions.Append(StarSchema.Songplays)
                .Select(static (table, at) => new BuildStep(table, LoadSql.Postgres, withPrevious: at > 0)),
            new ChecksStep(keysAreEnforced: true, records, tables, clock),
            new PublishStep(readers, kept, options),
            new CountsStep(journal, sizes: true),
        ];
        _lastStaging = Steps.Index().Last(s => s.Item is StageStep).Index;
        _publish = Steps.Index().Single(s => s.Item is PublishStep).Index;
    }

    public WarehouseTarget Target => WarehouseTarget.Local;

    public IReadOnlyList<ILoadStep> Steps { get; }

    public bool ChecksInWarehouse => false;

    public async Task RunAsync(ILoadStep step, LoadContext load, CancellationToken ct)
    {
        using var taken = await _connections.TakeAsync(step.Connections, ct);
        await step.RunAsync(load, ct);
    }

    // Back to the scan when the build is gone (dropped by hand), or when files are still to be staged and the source is not what was
    // scanned: somebody mended it, or it has grown.
    public async Task<int> ResumeAtAsync(Warehouse warehouse, long run, int firstOpen, CancellationToken ct)
    {
        await using var db = await _databases.Open(warehouse, WarehouseRole.Loader).OpenConnectionAsync(ct);
        if (firstOpen >= _publish && await LoadMark.HoldsAsync(db, warehouse.Schemas.Published, run, ct))
        {
            return firstOpen;
        }

        var addition = await _records.AdditionAsync(run, ct);
        var files = $"{warehouse.Schemas.Build}.{(addition is null ? LocalTables.Files : NewFiles.Listed)}";
        var there = await LoadMark.HoldsAsync(db, warehouse.Schemas.Build, run, ct)
            && (addition is null || await LoadMark.HoldsAsync(db, warehouse.Schemas.Published, addition.Star, ct))
            && (firstOpen > _lastStaging || await ScannedSource.IsUnchangedAsync(
                await _sources.OpenAsync(warehouse.Source, progress: null, ct), part => LocalTables.FilesAsync(db, files, part, ct), ct));
        return there ? firstOpen : 0;
    }

    public async Task<CheckedPart> CheckAsync(
        LoadContext load, SourcePart part, ISource source, IReadOnlyList<NumberedFile> files, CancellationToken ct)
    {
        await _records.ClearRejectsAsync(load.Step.Run, part, ct);
        load.Step.Progress.AddRejects(0);
        var job = new StagingJob(source, part, files, "", load.Database, RejectLimits.Most) { OnlyChecks = true };
        var result = await _stager.StageAsync(
            job, load.Step.Progress, (batch, token) => _records.AddRejectsAsync(load.Step.Run, part, batch, token), ct);
        StagingReport.Write(load.Step, part, result);
        return new CheckedPart(result.Read, result.Rejected, result.FileRejects, result.Failed);
    }
}
