using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>How a warehouse on Redshift is loaded: the cluster reads and builds, we tell it what and look on.</summary>
internal sealed class RedshiftLoad : ILoadPlan
{
    private readonly IWarehouseDatabases _databases;
    private readonly ISources _sources;
    private readonly LoadFiles _files;
    private readonly LoadRecords _records;
    private readonly RedshiftCheck _check;
    private readonly int _lastStaging;
    private readonly int _publish;

    public RedshiftLoad(
        IWarehouseDatabases databases, IWarehouseJournal journal, ISources sources, S3Buckets buckets, CopyTargets targets, LoadFiles files,
        LoadRecords records,
        RedshiftCheck check, ObjectForms forms, ITables tables, KeptStars kept, IOptions<LoadOptions> options,
        IOptions<RecordOptions> reading, TimeProvider clock)
    {
        (_databases, _sources, _files, _records, _check) = (databases, sources, files, records, check);
        Steps =
        [
            new RedshiftScanStep(sources, buckets, files, records, reading),
            new CompactStep(sources, buckets, files, options),
            new CopyStep(SourcePart.Events, sources, targets, files, forms, records, reading, options, clock),
            new CopyStep(SourcePart.Songs, sources, targets, files, forms, records, reading, options, clock),
            // Side by side: each is one statement, and none needs another's table.
            .. StarSchema.Dimensions.Append(StarSchema.Songplays)
                .Select(static (table, at) => new BuildStep(table, LoadSql.Redshift, withPrevious: at > 0)),
            new ChecksStep(keysAreEnforced: false, records, tables, clock),
            new RedshiftPublishStep(kept, clock),
            new CountsStep(journal, sizes: false),
        ];
        _lastStaging = Steps.Index().Last(s => s.Item is CopyStep).Index;
        _publish = Steps.Index().Single(s => s.Item is RedshiftPublishStep).Index;
    }

    public WarehouseTarget Target => WarehouseTarget.Redshift;

    public IReadOnlyList<ILoadStep> Steps { get; }

    public bool ChecksInWarehouse => true;

    public async Task RunAsync(ILoadStep step, LoadContext load, CancellationToken ct)
    {
        if (load.Warehouse is { OneLogin: true, Existing.Login: ClusterLoginKind.Iam })
        {
            // A password that AWS gave out and that has ended is asked for anew here; the step's own connections are opened by a pool.
            await using var proof = await _databases.OpenAloneAsync(load.Warehouse, WarehouseRole.Loader, ct);
        }

        await step.RunAsync(load, ct);
    }

    // Back to the scan when the build tables are not this run's any more, or when files are still to be staged and the source has changed.
    public async Task<int> ResumeAtAsync(Warehouse warehouse, long run, int firstOpen, CancellationToken ct)
    {
        try
        {
            await using var db = await _databases.OpenAloneAsync(warehouse, WarehouseRole.Loader, ct);
            if (firstOpen >= _publish && await LoadMark.HoldsAsync(db, warehouse.Schemas.Published, run, ct))
            {
                return firstOpen;
            }

            var there = await LoadMark.HoldsAsync(db, warehouse.Schemas.Build, run, ct)
                && (await _records.AdditionAsync(run, ct) is not { } addition
                    || await LoadMark.HoldsAsync(db, warehouse.Schemas.Published, addition.Star, ct))
                && (firstOpen > _lastStaging || await ScannedSource.IsUnchangedAsync(
                    await _sources.OpenAsync(warehouse.Source, progress: null, ct),
                    part => _files.ListedAsync(run, part, ct), ct));
            return there ? firstOpen : 0;
        }
        catch (NpgsqlException e)
        {
            throw SparkifyException.Unavailable(
                $"The cluster of the warehouse '{warehouse.Name}' does not answer: {e.Message} Look at its state, then retry this run.", e);
        }
    }

    public Task<CheckedPart> CheckAsync(
        LoadContext load, SourcePart part, ISource source, IReadOnlyList<NumberedFile> files, CancellationToken ct) =>
        _check.CheckAsync(load, part, source, files, ct);
}
