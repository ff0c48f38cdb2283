using System.Buffers;
using System.Text;
using System.Text.Json;
using Sparkify.Core.Common;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>One step of a JSONPath: into a key, or into an element of an array.</summary>
internal readonly record struct PathStep(string? Key, int Index)
{
    public static PathStep Into(string key) => new(key, -1);

    public static PathStep At(int index) => new(null, index);

    public override string ToString() => Key is null ? $"[{Index}]" : $"['{Key}']";
}

/// <summary>
/// A JSONPaths file as Redshift's COPY takes it: one object whose only key is exactly <c>jsonpaths</c>, with one path for each column, in
/// the table's order. No wildcards and no filters. Redshift quietly falls back to <c>auto</c> when the key is spelled otherwise; here that
/// is
/// an error, because it would load NULLs.
/// </summary>
internal static class JsonPaths
{
    private const int MaxBytes = 1 << 20;
    private const int MaxSteps = 32;
    private static readonly SearchValues<char> NotInKey = SearchValues.Create("*'\"]()@? ");

    /// <summary>Refuses what is far too large to be such a file.</summary>
    public static void RefuseSize(long bytes, string location)
    {
        if (bytes > MaxBytes)
        {
            throw SparkifyException.Invalid(
                $"The JSONPaths file '{location}' has {bytes:N0} bytes, far more than such a file needs. Choose the JSONPaths file itself.");
        }
    }

    /// <summary>The paths of a file, one for each column of the table.</summary>
    public static IReadOnlyList<IReadOnlyList<PathStep>> Parse(ReadOnlyMemory<byte> file, StarTable table)
    {
        var paths = Texts(file).Select(ParsePath).ToList();
        return paths.Count == table.Columns.Count
            ? paths
            : throw Wrong(
                $"it has {paths.Count} paths, but {table.Name} has {table.Columns.Count} columns; give one path for each column, in order");
    }

    private static List<string> Texts(ReadOnlyMemory<byte> file)
    {
        try
        {
            using var document = JsonDocument.Parse(file.Span.StartsWith("\uFEFF"u8) ? file[3..] : file);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NoFile("it holds no JSON object");
            }

            var keys = document.RootElement.EnumerateObject().Select(static p => p.Name).ToList();
            if (keys is not ["jsonpaths"])
            {
                throw NoFile(keys.Count == 0 ? "it has no keys" : $"it has the keys {string.Join(", ", keys)}");
            }

            var list = document.RootElement.GetProperty("jsonpaths");
            return list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0
                ? throw NoFile("its key holds no list of paths")
                : [.. list.EnumerateArray().Select(static (item, at) => item.ValueKind == JsonValueKind.String
                    ? item.GetString()!
                    : throw NoFile($"path number {at + 1} is no text"))];
        }
        catch (JsonException error)
        {
            throw NoFile($"it is not valid JSON (line {error.LineNumber + 1})", error);
        }
        catch (InvalidOperationException error)
        {
            // What the reader throws for text that is no Unicode.
            throw NoFile("it is not valid Unicode", error);
        }
    }

    private static List<PathStep> ParsePath(string path)
    {
        if (path.Length < 2 || path[0] != '$')
        {
            throw Wrong($"the path {path} must start with $ and name a key, such as $['artist'] or $.artist");
        }

        List<PathStep> steps = [];
        bool dotted = false, bracketed = false;
        for (var at = 1; at < path.Length;)
        {
            var key = path[at] == '.' ? Dotted(path, ref at) : Bracketed(path, ref at);
            dotted |= key.Dot;
            bracketed |= key.Step.Key is not null && !key.Dot;
            steps.Add(key.Step);
        }

        return dotted && bracketed ? throw Wrong($"the path {path} mixes dots and ['…']; use one of them")
            : steps.Count > MaxSteps ? throw Wrong($"the path {path} has more than {MaxSteps} steps")
            : steps[0].Key is null ? throw Wrong($"the path {path} starts with an index, but every record is an object")
            : steps;
    }

    private static (PathStep Step, bool Dot) Dotted(string path, ref int at)
    {
        var end = path.AsSpan(at + 1).IndexOfAny('.', '[') is var found and >= 0 ? at + 1 + found : path.Length;
        var key = path[(at + 1)..end];
        at = end;
        return key.Length == 0 || key.AsSpan().ContainsAny(NotInKey)
            ? throw Wrong($"the path {path} has a step that is no plain key; wildcards and filters are not supported")
            : (PathStep.Into(key), true);
    }

    private static (PathStep Step, bool Dot) Bracketed(string path, ref int at)
    {
        if (path[at] != '[' || at + 1 >= path.Length)
        {
            throw Wrong($"the path {path} must continue with a dot or a bracket at character {at + 1}");
        }

        if (path[at + 1] is '\'' or '"')
        {
            return (PathStep.Into(Quoted(path, ref at)), false);
        }

        var close = path.IndexOf(']', at);
        if (close < 0 || !int.TryParse(path.AsSpan(at + 1, close - at - 1), System.Globalization.NumberStyles.None, null, out var index))
        {
            throw Wrong($"the path {path} has brackets with neither a quoted key nor an index; wildcards and filters are not supported");
        }

        at = close + 1;
        return (PathStep.At(index), false);
    }

    private static string Quoted(string path, ref int at)
    {
        var quote = path[at + 1];
        StringBuilder key = new();
        var next = at + 2;
        while (next < path.Length && path[next] != quote)
        {
            // A backslash takes the next character as it is: the only way to have the quote itself in a key.
            next += path[next] == '\\' && next + 1 < path.Length ? 1 : 0;
            key.Append(path[next++]);
        }

        if (next + 1 >= path.Length || path[next + 1] != ']')
        {
            throw Wrong($"the path {path} has a quote or bracket that is not closed");
        }

        at = next + 2;
        return key.ToString();
    }

    private static SparkifyException NoFile(string what, Exception? inner = null) =>
        Wrong($"it must be one object with the single key \"jsonpaths\" (in lower case) and a list of paths, but {what}", inner);

    private static SparkifyException Wrong(string what, Exception? inner = null) =>
        SparkifyException.Invalid($"The JSONPaths file cannot be used: {what}.", inner);
}
