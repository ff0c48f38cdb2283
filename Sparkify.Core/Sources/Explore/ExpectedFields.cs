using System.Text.Json;
using Sparkify.Core.Star;

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

/// <summary>The keys a load takes, for each part.</summary>
internal static class ExpectedFields
{
    /// <summary>The keys of one part, matched by name.</summary>
    public static IReadOnlyList<(string Key, FieldNeed Need)> Of(SourcePart part) =>
        [.. (part == SourcePart.Events ? StarSchema.StagingEvents : StarSchema.StagingSongs).Columns.Select(static c => (c.JsonKey, Need(c.Type)))];

    /// <summary>The keys of the events when a JSONPaths file says under which key each column is; of a path that leads deeper, its first key.</summary>
    public static IReadOnlyList<(string Key, FieldNeed Need)> Of(byte[] jsonPaths)
    {
        ReadOnlyMemory<byte> json = jsonPaths;
        using var document = JsonDocument.Parse(json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json);
        return [.. document.RootElement.GetProperty("jsonpaths").EnumerateArray().Zip(Of(SourcePart.Events), (path, field) => Read(path.GetString() ?? "", field.Need))];
    }

    private static FieldNeed Need(ColumnType type) => type switch
    {
        ColumnType.Text => FieldNeed.Text,
        ColumnType.Integer or ColumnType.BigInt => FieldNeed.Whole,
        _ => FieldNeed.Number,
    };

    private static (string Key, FieldNeed Need) Read(string path, FieldNeed need)
    {
        var parts = path.Split(['.', '[', ']', '\'', '"', '$'], StringSplitOptions.RemoveEmptyEntries);
        // What a deeper path finds is not what stands under its first key.
        return (parts is [var key, ..] ? key : path, parts.Length > 1 ? FieldNeed.Text : need);
    }
}
