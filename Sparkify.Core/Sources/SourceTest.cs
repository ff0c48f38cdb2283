using System.IO.Compression;
using System.Text.Json;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Folders;

namespace Sparkify.Core.Sources;

/// <summary>Looks at a source without reading much of it: counts files and shows the first records.</summary>
internal static class SourceTest
{
    /// <summary>How many files are counted before the count is called "more".</summary>
    public const int MostFiles = 100_000;

    /// <summary>How many files are looked into when the first ones hold nothing.</summary>
    private const int MostLooks = 10;

    /// <summary>Counts and previews one part.</summary>
    public static async Task<SourcePartReport> PartAsync(ISource source, SourcePart part, CancellationToken ct)
    {
        long files = 0, bytes = 0;
        var more = false;
        List<SourceFile> first = [];
        try
        {
            await foreach (var file in source.ListAsync(part, ct))
            {
                if (files == MostFiles)
                {
                    more = true;
                    break;
                }

                files++;
                bytes += file.Bytes;
                if (file.Bytes > 0 && first.Count < MostLooks)
                {
                    first.Add(file);
                }
            }

            var (records, problem) = await PreviewAsync(source, part, first, ct);
            return new SourcePartReport(source.Location(part), files, bytes, more, records, problem);
        }
        catch (SparkifyException ex)
        {
            return new SourcePartReport(source.Location(part), null, null, false, [], ex.Message);
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            // Opened well and failed while it was read, such as on a network drive that went away.
            var problem = $"Reading from '{source.Location(part)}' failed: {ex.Message}";
            return new SourcePartReport(source.Location(part), null, null, false, [], problem);
        }
    }

    /// <summary>Names a mix-up: the one folder holding the records of the other kind.</summary>
    public static (SourcePartReport Events, SourcePartReport Songs) Recognise(SourcePartReport events, SourcePartReport songs)
    {
        var songsInEvents = events.Problem is null && events.Records.Any(IsSong) && !events.Records.Any(IsEvent);
        var eventsInSongs = songs.Problem is null && songs.Records.Any(IsEvent) && !songs.Records.Any(IsSong);
        if (songsInEvents && eventsInSongs)
        {
            var swapped = "The two locations are swapped: "
                + $"'{events.Location}' holds song records and '{songs.Location}' holds events. Exchange them.";
            return (events with { Problem = swapped }, songs with { Problem = swapped });
        }

        return (
            songsInEvents
                ? events with { Problem = $"The events location '{events.Location}' holds song records. Give the folder of the activity log." }
                : events,
            eventsInSongs
                ? songs with { Problem = $"The songs location '{songs.Location}' holds events of the activity log. Give the folder of the song files." }
                : songs);
    }

    /// <summary>What is wrong with the source's JSONPaths file, or none.</summary>
    public static async Task<string?> JsonPathsAsync(ISource source, string? name, CancellationToken ct)
    {
        try
        {
            return await source.ReadJsonPathsAsync(ct) is { } content ? JsonPathsFile.Problem(content, name ?? "") : null;
        }
        catch (SparkifyException ex)
        {
            return ex.Message;
        }
    }

    private static async Task<(IReadOnlyList<string> Records, string? Problem)> PreviewAsync(
        ISource source, SourcePart part, List<SourceFile> files, CancellationToken ct)
    {
        if (files.Count == 0)
        {
            return ([], $"Every file at '{source.Location(part)}' is empty. Choose a location that holds records.");
        }

        // One JSON object to a file is how song files are: go on until there is enough to show.
        List<string> records = [];
        string? problem = null;
        foreach (var file in files)
        {
            try
            {
                var head = await HeadAsync(source, part, file, ct);
                var found = RecordHead.Read(head, file.Name, RecordHead.MostRecords - records.Count);
                records.AddRange(found.Records);
                problem ??= found.Problem;
            }
            catch (InvalidDataException)
            {
                problem ??= $"'{file.Name}' ends in .gz but is not gzip. Compress it, or take the .gz off its name.";
            }

            if (records.Count >= RecordHead.MostRecords)
            {
                break;
            }
        }

        return (records, problem);
    }

    private static async Task<RecordHead.Bytes> HeadAsync(ISource source, SourcePart part, SourceFile file, CancellationToken ct)
    {
        await using var stored = await source.OpenAsync(part, file, 0, ct);
        var head = await FillAsync(stored, ct);
        if (!file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        {
            return head;
        }

        await using var gzip = new GZipStream(new MemoryStream(head.Content, 0, head.Length), CompressionMode.Decompress);
        var unpacked = await FillAsync(gzip, ct);
        if (head.Whole && unpacked.Length == 0)
        {
            throw new InvalidDataException("No gzip member in it.");
        }

        return unpacked with { Whole = unpacked.Whole && head.Whole };
    }

    private static async Task<RecordHead.Bytes> FillAsync(Stream stream, CancellationToken ct)
    {
        // One byte more than is shown tells whether the file goes on.
        var content = new byte[RecordHead.MostBytes + 1];
        var length = 0;
        try
        {
            while (length < content.Length && await stream.ReadAsync(content.AsMemory(length), ct) is > 0 and var read)
            {
                length += read;
            }
        }
        catch (InvalidDataException) when (length > 0)
        {
            // The head of a gzip file ends in the middle of a block; what came before it is good.
            return new RecordHead.Bytes(content, length, Whole: false);
        }

        return new RecordHead.Bytes(content, Math.Min(length, RecordHead.MostBytes), length <= RecordHead.MostBytes);
    }

    private static bool IsEvent(string record) => HasKeys(record, "page", "sessionId") || HasKeys(record, "page", "ts");

    private static bool IsSong(string record) => HasKeys(record, "song_id", "artist_id");

    private static bool HasKeys(string record, string one, string two)
    {
        try
        {
            using var json = JsonDocument.Parse(record);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(one, out _) && json.RootElement.TryGetProperty(two, out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
