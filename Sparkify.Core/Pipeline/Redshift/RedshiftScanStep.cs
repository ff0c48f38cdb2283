using Dapper;
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
    public string Name => "scan";

    public string Title => "Scan the source";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var progress = load.Step.Progress;
        var at = (LocationSource)load.Warehouse.Source;
        var source = await sources.OpenAsync(at, progress: null, ct);
        await files.ClearAsync(load.Warehouse.Name, load.Step.Run, ct);
        await records.SetAdditionAsync(load.Step, addition: null, ct);
        await records.SetRulesAsync(load.Step.Run, source, options.Value.TruncateColumns, ct);
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
        FileChanges? changes = null;
        var why = load.Warehouse.PublishedRun is not { } star ? FileChanges.NoStar
            : !await LoadMark.HoldsAsync(db, load.Published, star, ct) ? FileChanges.NotThere(load.Published, star)
            : !await HasShapeAsync(db, load.Published, ct) ? FileChanges.OtherVersion(star)
            : !await records.AreReadAlikeAsync(load.Step.Run, star, ct) ? FileChanges.ReadOtherwise(star)
            : !await files.KnowsAsync(star, ct) ? $"which objects are in the star of load {star} is not known"
            : null;
        if (why is null)
        {
            changes = await files.CompareAsync(load.Step.Run, load.Warehouse.PublishedRun!.Value, ct);
            why = changes.Changed == 0 ? null
                : $"{changes.Changed:N0} object{(changes.Changed == 1 ? " has" : "s have")} changed, and a cluster does not tell which of its rows are of which object";
        }

        if (why is not null)
        {
            FileChanges.TellEverything(load.Step, why);
            return null;
        }

        await records.SetAdditionAsync(load.Step, new RunAddition(load.Warehouse.PublishedRun!.Value, changes!.New), ct);
        return changes.Tell(load.Step, load.Warehouse.PublishedRun.Value, "object");
    }

    // What is carried over must fit.
    private static async Task<bool> HasShapeAsync(NpgsqlConnection db, string published, CancellationToken ct)
    {
        foreach (var table in Enum.GetValues<SourcePart>().Select(RecordRules.TableOf))
        {
            var columns = (await db.QueryAsync<string>(new CommandDefinition(
                """
                select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                where  n.nspname = @published and c.relname = @table and a.attnum > 0
                """, new { published, table = table.Name }, cancellationToken: ct))).ToHashSet(StringComparer.Ordinal);
            if (!table.Columns.All(c => columns.Contains(c.Name)))
            {
                return false;
            }
        }

        return true;
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
