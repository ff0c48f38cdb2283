using System.Text.Json;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Folders;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources;

/// <summary>Looks at a source without reading much of it: counts files and shows the first records.</summary>
internal static class SourceTest
{
    /// <summary>How many files are counted before the count is called "more".</summary>
    public const int MostFiles = 100_000;

    /// <summary>How many records are shown.</summary>
    public const int MostRecords = 5;

    /// <summary>How much of a record is shown.</summary>
    private const int MostChars = 2000;

    /// <summary>How far into a file an object is looked for.</summary>
    private const int MostBytes = 256 * 1024;

    /// <summary>Counts and previews one part.</summary>
    public static Task<SourcePartReport> PartAsync(ISource source, SourcePart part, CancellationToken ct) =>
        ReportAsync(source, part, async () =>
        {
            SourceLook look = new();
            await foreach (var file in source.ListAsync(part, ct, look.LeftOut))
            {
                // Somebody waits, and wants to see records while there is time to ask S3 for some.
                if (look.Files == MostFiles || (look.Files > 0 && source.IsRemote(part) && CallBudget.Now is { IsHalfOver: true }))
                {
                    look.More = true;
                    break;
                }

                look.Add(file);
            }

            return look;
        }, ct);

    /// <summary>The same test of both parts for somebody who lists them anyway.</summary>
    public static async Task<SourceReport> ListedAsync(ISource source, SourceLook events, SourceLook songs, CancellationToken ct)
    {
        var reports = Recognise(
            await ReportAsync(source, SourcePart.Events, () => Task.FromResult(events), ct),
            await ReportAsync(source, SourcePart.Songs, () => Task.FromResult(songs), ct));
        return new SourceReport(reports.Events, reports.Songs, await JsonPathsAsync(source, ct));
    }

    private static async Task<SourcePartReport> ReportAsync(
        ISource source, SourcePart part, Func<Task<SourceLook>> list, CancellationToken ct)
    {
        try
        {
            var look = await list();
            var (records, problem, remarks, onRedshift) = await PreviewAsync(source, part, look.First, ct);
            return new SourcePartReport(source.Location(part), look.Files, look.Bytes, look.More, records, problem)
            {
                LeftOut = look.LeftOut.Found,
                Remarks = remarks,
                OnRedshift = onRedshift,
            };
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
    public static async Task<string?> JsonPathsAsync(ISource source, CancellationToken ct)
    {
        try
        {
            await RecordRules.OfAsync(source, SourcePart.Events, truncate: false, ct);
            return null;
        }
        catch (SparkifyException ex)
        {
            return ex.Message;
        }
    }

    // One file that holds nothing keeps nobody from making a warehouse of the others; all that were looked at do.
    private static async Task<Preview> PreviewAsync(ISource source, SourcePart part, IReadOnlyList<SourceFile> files, CancellationToken ct)
    {
        if (files.Count == 0)
        {
            return new([], $"Every file at '{source.Location(part)}' is empty. Choose a location that holds records.", [], []);
        }

        // One JSON object to a file is how song files are: go on until there is enough to show.
        List<string> records = [];
        List<string> remarks = [];
        IntegralFloats floats = new(RecordRules.TableOf(part));
        var good = 0;
        var parser = RecordReader.NewParser(RecordRules.ByName(part));
        foreach (var file in files.TakeWhile(_ => records.Count < MostRecords))
        {
            try
            {
                if (await HeadAsync(source, part, file, parser, records, floats, ct) is { } problem)
                {
                    remarks.Add(problem);
                }
                else
                {
                    good++;
                }
            }
            catch (InvalidDataException)
            {
                return new(records, WholeGzip.Problem(file.Name), [], []); // a load would fail, too
            }
        }

        if (good == 0)
        {
            return new(records, remarks[0], [], []);
        }

        if (await NamedOtherwiseAsync(source, part, records, ct) is { } missing)
        {
            remarks.Add(missing);
        }

        return new(records, null, remarks, floats.Remarks);
    }

    // A remark and no problem: who keeps other events first has the right ones behind them.
    private static async Task<string?> NamedOtherwiseAsync(
        ISource source, SourcePart part, IReadOnlyList<string> records, CancellationToken ct)
    {
        string[] needed = part == SourcePart.Events ? ["page", "ts", "sessionId"] : ["song_id", "title", "artist_id", "artist_name"];
        var keys = records.Select(KeysOf).OfType<HashSet<string>>().ToList();
        var missing = needed.Where(key => !keys.Exists(k => k.Contains(key))).ToList();
        if (keys.Count == 0 || missing.Count == 0)
        {
            return null;
        }

        // A JSONPaths file says how they are named; one that cannot be read is a problem of its own.
        return part == SourcePart.Events
            && (await JsonPathsAsync(source, ct) is not null || await source.ReadJsonPathsAsync(ct) is not null)
            ? null
            : $"The first {(keys.Count == 1 ? "record has" : $"{keys.Count} records have")} no field {string.Join(", no ", missing)}: named otherwise?" +
                (part == SourcePart.Events ? " A JSONPaths file says how." : "");
    }

    private sealed record Preview(
        IReadOnlyList<string> Records, string? Problem, IReadOnlyList<string> Remarks, IReadOnlyList<string> OnRedshift);

    // Broken lines do not end it before an object was seen: only then is it known whether this is JSON at all.
    private static async Task<string?> HeadAsync(
        ISource source, SourcePart part, SourceFile file, SegmentParser parser, List<string> records, IntegralFloats floats,
        CancellationToken ct)
    {
        var (met, objects, array, whole) = (0, 0, false, true);
        await foreach (var record in RecordReader.ReadAsync(source, part, file, parser, ct))
        {
            if (records.Count == MostRecords && (objects > 0 || record.Offset >= MostBytes))
            {
                whole = false;
                break;
            }

            array |= met++ == 0 && record.Bytes.Span[0] == '[';
            objects += record.Bytes.Span[0] == '{' && record.Problem is null ? 1 : 0;
            if (records.Count < MostRecords)
            {
                floats.Look(record);
                records.Add(record.Text(MostChars - 1));
            }
        }

        var extent = whole ? $"'{file.Name}'" : $"The first {MostBytes / 1024} KiB of '{file.Name}'";
        return array
            ? $"'{file.Name}' is one JSON array. Records have to be JSON objects one after another, without brackets and commas around them."
            : met > 0 && objects == 0 ? $"{extent} holds no JSON object. Records have to be JSON objects, one after another."
            : null;
    }

    private static bool IsEvent(string record) => HasKeys(record, "page", "sessionId") || HasKeys(record, "page", "ts");

    private static bool IsSong(string record) => HasKeys(record, "song_id", "artist_id");

    private static bool HasKeys(string record, string one, string two) => KeysOf(record)?.IsSupersetOf([one, two]) ?? false;

    // None when it is no object, or only its beginning is known.
    private static HashSet<string>? KeysOf(string record)
    {
        try
        {
            using var json = JsonDocument.Parse(record, new JsonDocumentOptions { MaxDepth = RecordLimits.MaxDepth });
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.EnumerateObject().Select(LenientText.NameOf).ToHashSet(StringComparer.OrdinalIgnoreCase)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
