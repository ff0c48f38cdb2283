using System.Runtime.CompilerServices;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Explore;

/// <summary>Reads sources of every kind through <see cref="ISource"/>.</summary>
internal sealed class SourceExplorer(ISources sources) : ISourceExplorer
{
    /// <summary>How many files are listed.</summary>
    public const int MostFiles = 50_000;

    private const int MostText = 20_000;

    public async Task<SourceListing> FilesAsync(SourceSpec spec, SourcePart part, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        List<SourceFile> files = [];
        await foreach (var file in source.ListAsync(part, ct))
        {
            if (files.Count == MostFiles)
            {
                return new SourceListing(source.Location(part), files, More: true);
            }

            files.Add(file);
        }

        return new SourceListing(source.Location(part), files, More: false);
    }

    public async Task<SourceRecords> RecordsAsync(SourceSpec spec, SourcePart part, string file, int skip, int most, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var number = 0L;
        List<SourceRecord> records = [];
        await foreach (var record in ReadAsync(source, part, await FindAsync(source, part, file, ct), ct))
        {
            if (++number <= skip)
            {
                continue;
            }

            if (records.Count == most)
            {
                return new SourceRecords(records, More: true);
            }

            records.Add(new SourceRecord(number, record.Line, Text(record.Bytes.Span), record.Problem));
        }

        return new SourceRecords(records, More: false);
    }

    public async Task<SourceProfile> ProfileAsync(SourceSpec spec, SourceScope scope, CancellationToken ct)
    {
        var source = await sources.OpenAsync(spec, progress: null, ct);
        var tally = new FieldsTally(await ExpectedAsync(source, scope.Part, ct));
        var most = Math.Clamp(scope.Most, 1, SourceScope.MostRecords);
        var (records, files) = (0, 0L);
        await foreach (var file in FilesAsync(source, scope, ct))
        {
            var before = records;
            await foreach (var record in ReadAsync(source, scope.Part, file, ct))
            {
                if (records++ == most)
                {
                    return tally.Profile(most > before ? files + 1 : files, whole: false);
                }

                tally.Add(record);
            }

            files++;
        }

        return tally.Profile(files, whole: true);
    }

    // Only what the source lists can be opened, so no name leads anywhere else.
    private static async Task<SourceFile> FindAsync(ISource source, SourcePart part, string name, CancellationToken ct)
    {
        await foreach (var file in source.ListAsync(part, ct))
        {
            if (file.Name == name)
            {
                return file;
            }
        }

        throw SparkifyException.NotFound($"There is no file '{name}' in {source.Location(part)}, or not any more. Choose one of its list.");
    }

    private static async IAsyncEnumerable<SourceFile> FilesAsync(ISource source, SourceScope scope, [EnumeratorCancellation] CancellationToken ct)
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

    private static async Task<IReadOnlyList<(string Key, FieldNeed Need)>> ExpectedAsync(ISource source, SourcePart part, CancellationToken ct)
    {
        if (part == SourcePart.Songs || await source.ReadJsonPathsAsync(ct) is not { } paths)
        {
            return ExpectedFields.Of(part);
        }

        return JsonPathsFile.Problem(paths, "of the events") is { } problem ? throw SparkifyException.Invalid(problem) : ExpectedFields.Of(paths);
    }

    private static async IAsyncEnumerable<RawRecord> ReadAsync(ISource source, SourcePart part, SourceFile file, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var stored = await source.OpenAsync(part, file, 0, ct);
        var packed = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        await using var stream = packed ? new WholeGzip(stored) : stored;
        await using var records = RecordReader.ReadAsync(stream, ct).GetAsyncEnumerator(ct);
        while (await NextAsync(records, file.Name))
        {
            yield return records.Current;
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<RawRecord> records, string file)
    {
        try
        {
            return await records.MoveNextAsync();
        }
        catch (InvalidDataException ex)
        {
            throw SparkifyException.Invalid($"'{file}' ends in .gz but is no gzip, or is damaged. Compress it again, or take the .gz off its name.", ex);
        }
        catch (IOException ex)
        {
            throw SparkifyException.Unavailable($"Reading '{file}' failed: {ex.Message}", ex);
        }
    }

    private static string Text(ReadOnlySpan<byte> record)
    {
        // At most four bytes to a character, so a long record need not be decoded as a whole.
        var text = Encoding.UTF8.GetString(record[..Math.Min(record.Length, MostText * 4)]).TrimEnd();
        return text.Length <= MostText ? text : string.Concat(text.AsSpan(0, MostText), "…");
    }
}
