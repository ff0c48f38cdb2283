using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>Lists the source into a fresh build schema: from here on the load reads exactly these files, up to these sizes.</summary>
internal sealed class ScanStep(
    ISources sources, LoadRecords records, IOptions<LoadOptions> options, IOptions<RecordOptions> reading) : ILoadStep
{
    public string Name => "scan";

    public string Title => "Scan the source";

    public async Task RunAsync(LoadContext load, CancellationToken ct)
    {
        var progress = load.Step.Progress;
        // Not Progress<T>: it would post to the thread pool and could report after the step has gone on.
        var source = await sources.OpenAsync(load.Warehouse.Source, new Preparation(
            p => progress.Message = $"Generating the sample: {p.Done:N0} of {p.Total:N0} files"), ct);
        await using var db = await load.Database.OpenConnectionAsync(ct);
        await records.BeginAsync(load.Step, source, reading.Value.TruncateColumns, ct);
        var adds = load.Step.Choice.Mode == LoadMode.Incremental
            ? await AddableStar.FindAsync(db, load, records, NewFiles.Columns, ct) : null;
        await LocalTables.CreateAsync(db, load.Build, load.Step.Run, ct);
        if (adds is not null)
        {
            await NewFiles.CreateAsync(db, load.Build, ct);
        }

        var listing = new ScanListing(source, load.Step, records);
        var events = await AddAsync(SourcePart.Events, 0);
        var songs = await AddAsync(SourcePart.Songs, events.Files);
        await listing.TestAsync(onRedshift: false, ct);
        var left = listing.LeftOut;
        var all = $"{events.Files:N0} event and {songs.Files:N0} song files{(left == 0 ? "" : $"; {left:N0} left out")}";
        progress.Message = adds is { } star ? $"{all}; {await CompareAsync(db, load, star, ct)}" : all;

        async Task<(int Files, long Bytes)> AddAsync(SourcePart part, int last)
        {
            var table = $"{load.Build}.{(adds is null ? LocalTables.Files : NewFiles.Listed)}";
            var found = await listing.AddAsync(
                part, (files, onFile) => LocalTables.AddFilesAsync(db, table, part, last, files, onFile, ct), ct);
            return found.Files > 0 ? found : throw SparkifyException.Invalid(
                $"There are no {part.Word()} files in {source.Location(part)} any more. Put them back, or make a warehouse with another source.");
        }
    }

    private async Task<string> CompareAsync(NpgsqlConnection db, LoadContext load, long star, CancellationToken ct)
    {
        var files = await NewFiles.CompareAsync(db, load.Warehouse.Schemas, ct);
        // What is not in the source any more only the star has: then it is added to, however long that takes.
        if (files.Missing == 0 && files.Bytes > files.Before / 100.0 * options.Value.AddAtMost)
        {
            AddableStar.TellEverything(
                load.Step, $"{files.Bytes:N0} bytes are new or have changed, and the star was built of {files.Before:N0}");
            await NewFiles.ReadAllAsync(db, load.Build, ct);
            return "so much is new that everything is loaded";
        }

        await records.SetAdditionAsync(load.Step, new RunAddition(star, files.New + files.Changed), ct);
        return files.Tell(load.Step, star, "file");
    }

    private sealed class Preparation(Action<SourcePreparation> report) : IProgress<SourcePreparation>
    {
        public void Report(SourcePreparation value) => report(value);
    }
}
