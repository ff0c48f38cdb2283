using System.Text.Json;

namespace Sparkify.Core.Sources.Explore;

/// <summary>What kind of value a load needs under a key.</summary>
internal enum FieldNeed
{
    /// <summary>Anything: it is kept as text.</summary>
    Text,

    /// <summary>A whole number, or a text that is one.</summary>
    Whole,

    /// <summary>A number, or a text that is one.</summary>
    Number,
}

/// <summary>The keys a load takes, for each part. A test holds them to the columns of the staging tables.</summary>
internal static class ExpectedFields
{
    private static readonly IReadOnlyList<(string Key, FieldNeed Need)> Events =
    [
        ("artist", FieldNeed.Text), ("auth", FieldNeed.Text), ("firstName", FieldNeed.Text), ("gender", FieldNeed.Text), ("itemInSession", FieldNeed.Whole),
        ("lastName", FieldNeed.Text), ("length", FieldNeed.Number), ("level", FieldNeed.Text), ("location", FieldNeed.Text), ("method", FieldNeed.Text),
        ("page", FieldNeed.Text), ("registration", FieldNeed.Number), ("sessionId", FieldNeed.Whole), ("song", FieldNeed.Text), ("status", FieldNeed.Whole),
        ("ts", FieldNeed.Number), ("userAgent", FieldNeed.Text), ("userId", FieldNeed.Text),
    ];

    private static readonly IReadOnlyList<(string Key, FieldNeed Need)> Songs =
    [
        ("num_songs", FieldNeed.Whole), ("artist_id", FieldNeed.Text), ("artist_latitude", FieldNeed.Number), ("artist_longitude", FieldNeed.Number),
        ("artist_location", FieldNeed.Text), ("artist_name", FieldNeed.Text), ("song_id", FieldNeed.Text), ("title", FieldNeed.Text),
        ("duration", FieldNeed.Number), ("year", FieldNeed.Whole),
    ];

    /// <summary>The keys of one part, matched by name.</summary>
    public static IReadOnlyList<(string Key, FieldNeed Need)> Of(SourcePart part) => part == SourcePart.Events ? Events : Songs;

    /// <summary>The keys of the events when a JSONPaths file says under which key each column is; of a path that leads deeper, its first key.</summary>
    public static IReadOnlyList<(string Key, FieldNeed Need)> Of(byte[] jsonPaths)
    {
        ReadOnlyMemory<byte> json = jsonPaths;
        using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json);
        return [.. document.RootElement.GetProperty("jsonpaths").EnumerateArray().Zip(Events, (path, field) => Read(path.GetString() ?? "", field.Need))];
    }

    private static (string Key, FieldNeed Need) Read(string path, FieldNeed need)
    {
        var parts = path.Split(['.', '[', ']', '\'', '"', '$'], StringSplitOptions.RemoveEmptyEntries);
        // What a deeper path finds is not what stands under its first key.
        return (parts is [var key, ..] ? key : path, parts.Length > 1 ? FieldNeed.Text : need);
    }
}
