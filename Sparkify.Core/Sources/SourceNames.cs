namespace Sparkify.Core.Sources;

/// <summary>What names say about files, wherever they are.</summary>
internal static class SourceNames
{
    /// <summary>How the names of data files end, in words.</summary>
    public const string Endings = ".json, .jsonl or .ndjson, each also with .gz";

    /// <summary>Whether a name is that of a data file.</summary>
    public static bool IsData(string name)
    {
        var stored = name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name.AsSpan(0, name.Length - ".gz".Length) : name;
        return stored.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            || stored.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
            || stored.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether a name has no ending at all, so that only the first bytes tell what it is.</summary>
    public static bool HasNoEnding(ReadOnlySpan<char> name) => !name[(name.LastIndexOf('/') + 1)..].Contains('.');

    /// <summary>
    /// Whether a file's or folder's own name keeps it out: tools that write in portions keep their books in folders such as
    /// <c>_temporary</c>, and in files without an ending such as <c>_SUCCESS</c> or <c>_committed_1</c>, some of which are JSON.
    /// </summary>
    public static bool IsHidden(ReadOnlySpan<char> name, bool folder) =>
        name.StartsWith('.') || (name.StartsWith('_') && (folder || HasNoEnding(name)));
}
