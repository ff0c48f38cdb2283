using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>Lists the source and makes empty build tables: from here on the load reads exactly these objects.</summary>
internal sealed class RedshiftScanStep(
    ISources sources, S3Buckets buckets, LoadFiles files, LoadRecords records, IOptions<RecordOptions> options) : ILoadStep
{
    // What is carried over must fit.
    private static readonly IReadOnlyList<(string Table, string Column)> Columns =
        [.. Enum.GetValues<SourcePart>().Select(RecordRules.TableOf).SelectMany(static t => t.Columns.Select(c => (t.Name, c.Name)))];

    public string Name => "scan";

    public string Title => "Scan the source";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var progress = load.Step.Progress;
        var at = (LocationSource)load.Warehouse.Source;
        var source = await sources.OpenAsync(at, progress: null, ct);
        await files.ClearAsync(load.Warehouse.Name, load.Step.Run, ct);
        await records.BeginAsync(load.Step, source, options.Value.TruncateColumns, ct);
        var area = await StagingArea.OpenAsync(load.Warehouse, at, load.Step.Run, buckets, ct);
        await area.ClearAllAsync(ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await using (var transaction = await db.BeginTransactionAsync(ct))
        {
            await PublishedCopy.KeepAsync(db, load.Warehouse.Schemas, ct);
            await transaction.CommitAsync(ct);
        }

        await CreateAsync(db, load.Build, load.Step.Run, ct);
        var listing = new ScanListing(source, load.Step, records);
        var events = await AddAsync(SourcePart.Events, 0);
        var songs = await AddAsync(SourcePart.Songs, events.Files);
        await listing.TestAsync(onRedshift: true, ct);
        var left = listing.LeftOut;
        var all = $"{events.Files:N0} event and {songs.Files:N0} song objects{(left == 0 ? "" : $"; {left:N0} left out")}";
        progress.Message = load.Step.Choice.Mode == LoadMode.Incremental && await CompareAsync(db, load, ct) is { } added
            ? $"{all}; {added}" : all;

        Task<(int Files, long Bytes)> AddAsync(SourcePart part, int last) => listing.AddAsync(
            part, (found, onFile) => files.AddAsync(load.Step.Run, part, last, found, onFile, ct), ct);
    }

    // What is new, in words; none when everything is loaded.
    private async Task<string?> CompareAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        if (await AddableStar.FindAsync(db, load, records, Columns, ct) is not { } star)
        {
            return null;
        }

        if (!await files.KnowsAsync(star, ct))
        {
            AddableStar.TellEverything(load.Step, $"which objects are in the star of load {star} is not known");
            return null;
        }

        var changes = await files.CompareAsync(load.Step.Run, star, ct);
        if (changes.Changed > 0)
        {
            AddableStar.TellEverything(
                load.Step,
                $"{changes.Changed:N0} object{(changes.Changed == 1 ? " has" : "s have")} changed, and a cluster does not tell which of its rows are of which object");
            return null;
        }

        await records.SetAdditionAsync(load.Step, new RunAddition(star, changes.New), ct);
        return changes.Tell(load.Step, star, "object");
    }

    private static async Task CreateAsync(NpgsqlConnection db, string build, long run, CancellationToken ct)
    {
        foreach (var table in RedshiftTables.Names)
        {
            await db.RunAsync($"drop table if exists {build}.{table} cascade", ct);
        }

        foreach (var create in RedshiftTables.Ddl(build))
        {
            await db.RunAsync(create, ct);
        }

        // Tells this build's COPYs from those of an earlier build of the same run.
        await db.RunAsync($"insert into {build}.load (run, build, repeated_plays) values ({run}, '{Guid.NewGuid():N}', 0)", ct);
    }
}
