using System.Text.Json;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources;

/// <summary>The rules for a JSONPaths file, as Redshift's COPY has them.</summary>
internal static class JsonPathsFile
{
    private const int MostBytes = 1 << 20;

    /// <summary>Refuses what is far too large to be one.</summary>
    public static void RefuseSize(long bytes, string location)
    {
        if (bytes > MostBytes)
        {
            throw SparkifyException.Invalid(
                $"The JSONPaths file '{location}' has {bytes:N0} bytes, far more than such a file needs. Choose the JSONPaths file itself.");
        }
    }

    /// <summary>What is wrong with a JSONPaths file, or none.</summary>
    public static string? Problem(byte[] content, string name)
    {
        const string Right = "It has to be one JSON object whose only key is jsonpaths, with a list of path texts such as \"$['artist']\".";
        try
        {
            ReadOnlyMemory<byte> json = content;
            if (json.Span.StartsWith("\uFEFF"u8))
            {
                json = json[3..];
            }

            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return $"The JSONPaths file '{name}' holds no JSON object. {Right}";
            }

            var keys = root.EnumerateObject().Select(static p => p.Name).ToList();
            if (keys is not ["jsonpaths"])
            {
                return $"The JSONPaths file '{name}' has {(keys.Count == 0 ? "no keys" : "the keys " + string.Join(", ", keys))}. {Right}";
            }

            var paths = root.GetProperty("jsonpaths");
            if (paths.ValueKind != JsonValueKind.Array || paths.GetArrayLength() == 0)
            {
                return $"In the JSONPaths file '{name}' the key jsonpaths holds no list of paths. {Right}";
            }

            var at = paths.EnumerateArray().TakeWhile(static p => p.ValueKind == JsonValueKind.String).Count();
            return at == paths.GetArrayLength() ? null : $"In the JSONPaths file '{name}' path number {at + 1} is no text. {Right}";
        }
        catch (JsonException ex)
        {
            return $"The JSONPaths file '{name}' is not valid JSON (line {ex.LineNumber + 1}). {Right}";
        }
    }
}
