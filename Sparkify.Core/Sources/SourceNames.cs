using Sparkify.Core.Common;

namespace Sparkify.Core.Sources;

/// <summary>What names say about files, wherever they are.</summary>
internal static class SourceNames
{
    /// <summary>Whether a name is that of a data file.</summary>
    public static bool IsData(string name) =>
        name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".json.gz", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a file's or folder's own name keeps it out: tools that write in portions keep their books in folders such as
    /// <c>_temporary</c>.
    /// </summary>
    public static bool IsHidden(ReadOnlySpan<char> name, bool folder) => name.StartsWith('.') || (folder && name.StartsWith('_'));
}

/// <summary>What a listing met besides data.</summary>
internal sealed class SourceTally
{
    private long _others, _hidden;
    private string? _example;

    public void AddOther(string name)
    {
        _others++;
        _example ??= name;
    }

    public void AddHidden() => _hidden++;

    /// <summary>The sentence for a location that holds no data, which says what it holds instead.</summary>
    public SparkifyException NoData(string what, string location)
    {
        var found = _others switch
        {
            0 when _hidden > 0 => $"only hidden files or folders are in it ({_hidden}), and those are skipped",
            0 => "it is empty",
            1 => $"1 file was found, '{_example}', and it does not end in .json",
            _ => $"{_others:N0} files were found, none ending in .json (the first is '{_example}')",
        };
        return SparkifyException.Invalid(
            $"The {what} '{location}' holds no data: {found}. Choose the folder that holds the .json or .json.gz files, at any depth.");
    }
}
