using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.Explore;

/// <summary>Reads sources of every kind through <see cref="ISource"/>.</summary>
internal sealed class SourceExplorer(ISources sources, IOptions<RecordOptions> options) : ISourceExplorer
{
    /// <summary>How many files are listed.</summary>
    public const int MostFiles = 50_000;

    private const int MostText = 20_000;

    public async Task<SourceListing> FilesAsync(SourceSpec spec, SourcePart part, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        List<SourceFile> files = [];
        LeftOutTally leftOut = new();
        await foreach (var file in source.ListAsync(part, ct, leftOut))
        {
            if (files.Count == MostFiles)
            {
                return new SourceListing(source.Location(part), files, More: true, leftOut.Found);
            }

            files.Add(file);
        }

        return new SourceListing(source.Location(part), files, More: false, leftOut.Found);
    }

    public async Task<SourceRecords> RecordsAsync(SourceSpec spec, SourcePart part, string file, int skip, int most, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var number = 0L;
        List<SourceRecord> records = [];
        // Not by the JSONPaths file, which may be what a person looks at records for to mend it: where they begin and end is the same.
        var parser = RecordReader.NewParser(RecordRules.ByName(part));
        await foreach (var record in ReadAsync(source, part, await FindAsync(source, part, file, ct), parser, ct))
        {
            if (++number <= skip)
            {
                continue;
            }

            if (records.Count == most)
            {
                return new SourceRecords(records, More: true);
            }

            records.Add(new SourceRecord(number, record.Line, record.Text(MostText), record.Problem));
        }

        return new SourceRecords(records, More: false);
    }

    public async Task<IReadOnlyList<SourceLine>> LinesAsync(
        SourceSpec spec, SourcePart part, string file, long from, long to, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var found = await FindAsync(source, part, file, ct);
        try
        {
            await using var content = await MayHang.RunAsync(
                async () => await WholeGzip.UnpackAsync(found.Name, await source.OpenAsync(part, found, 0, ct), ct), ct);
            List<long> wanted = [];
            for (var line = Math.Max(from, 1); line <= to; line++)
            {
                wanted.Add(line);
            }

            var lines = await RecordLines.ReadAsync(content, wanted, ct);
            return [.. wanted.Where(lines.ContainsKey).Select(line => new SourceLine(line, lines[line].Text))];
        }
        catch (Exception ex) when (ex is InvalidDataException or IOException)
        {
            throw Unreadable(found.Name, ex);
        }
    }

    public async Task<Stream> OpenAsync(SourceSpec spec, SourcePart part, string file, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var found = await FindAsync(source, part, file, ct);
        return await MayHang.RunAsync(async () => await source.OpenAsync(part, found, 0, ct), ct);
    }

    public async IAsyncEnumerable<string> FirstAsync(
        SourceSpec spec, SourcePart part, int most, [EnumeratorCancellation] CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var parser = RecordReader.NewParser(RecordRules.ByName(part));
        var left = most;
        await foreach (var file in source.ListAsync(part, ct))
        {
            await foreach (var record in ReadAsync(source, part, file, parser, ct))
            {
                if (left-- == 0)
                {
                    yield break;
                }

                // A line break inside a record can only stand between its parts, where a blank does as well.
                yield return Encoding.UTF8.GetString(record.Bytes.Span).Trim().ReplaceLineEndings(" ");
            }
        }
    }

    public async Task<SourceProfile> ProfileAsync(SourceSpec spec, SourceScope scope, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var table = RecordRules.TableOf(scope.Part);
        var parser = RecordReader.NewParser(await RecordRules.OfAsync(source, scope.Part, options.Value.TruncateColumns, ct));
        var tally = new FieldsTally(table);
        var most = Math.Clamp(scope.Most, 1, SourceScope.MostRecords);
        var files = 0L;
        var enough = false;
        await foreach (var file in FilesAsync(source, scope, ct))
        {
            if (files > 0 && Waiting() is { IsHalfOver: true })
            {
                return tally.Profile(files, whole: false, parser.Counter);
            }

            var before = tally.Records;
            await foreach (var record in ReadAsync(source, scope.Part, file, parser, ct))
            {
                if (enough)
                {
                    // This one only tells that there are more.
                    parser.Counter.EndBatch(accepted: false);
                    return tally.Profile(tally.Records > before ? files + 1 : files, whole: false, parser.Counter);
                }

                tally.Add(record);
                if (tally.Records == most || Waiting() is { IsNearlyOver: true })
                {
                    parser.Counter.EndBatch(accepted: true);
                    enough = true;
                }
            }

            files++;
            parser.Counter.EndBatch(accepted: true);
        }

        return tally.Profile(files, whole: true, parser.Counter);

        // Somebody waits, and a source on S3 ends with their time: what was read by now is worth more than a refusal.
        CallBudget? Waiting() => source.IsRemote(scope.Part) ? CallBudget.Now : null;
    }

    // Only what the source lists can be opened, so no name leads anywhere else.
    private static async Task<SourceFile> FindAsync(ISource source, SourcePart part, string name, CancellationToken ct) =>
        await source.FindAsync(part, name, ct) ?? throw SparkifyException.NotFound(
            $"There is no file '{name}' in {source.Location(part)}, or not any more. Choose one of its list.");

    private static async IAsyncEnumerable<SourceFile> FilesAsync(
        ISource source, SourceScope scope, [EnumeratorCancellation] CancellationToken ct)
    {
        if (scope.File is { } one)
        {
            yield return await FindAsync(source, scope.Part, one, ct);
            yield break;
        }

        await foreach (var file in source.ListAsync(scope.Part, ct))
        {
            yield return file;
        }
    }

    private static async IAsyncEnumerable<FileRecord> ReadAsync(
        ISource source, SourcePart part, SourceFile file, SegmentParser parser, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var records = RecordReader.ReadAsync(source, part, file, parser, ct).GetAsyncEnumerator(ct);
        while (await NextAsync(records, file.Name))
        {
            yield return records.Current;
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<FileRecord> records, string file)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (Exception ex) when (ex is InvalidDataException or IOException)
        {
            throw Unreadable(file, ex);
        }
    }

    private static SparkifyException Unreadable(string file, Exception ex) => ex is InvalidDataException
        ? SparkifyException.Invalid(WholeGzip.Problem(file), ex)
        : SparkifyException.Unavailable($"Reading '{file}' failed: {ex.Message}", ex);
}
