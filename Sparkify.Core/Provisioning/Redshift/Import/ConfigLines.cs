using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Provisioning.Redshift.Import;

/// <summary>
/// The values of a settings file with sections, as Python's <c>configparser</c> reads it and people write it. Names are unique over the
/// sections of a <c>dwh.cfg</c>, so the sections themselves do not matter.
/// </summary>
internal sealed partial class ConfigLines
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _notes;

    /// <summary>Reads a text; what cannot be read as it stands is said in notes. Throws a sentence for what is no such file.</summary>
    public ConfigLines(string text, List<string> notes)
    {
        _notes = notes;
        if (string.IsNullOrWhiteSpace(text))
        {
            throw SparkifyException.Invalid("The file is empty. A dwh.cfg has lines such as HOST=…, DB_NAME=…, LOG_DATA=s3://….");
        }

        if (text.AsSpan().ContainsAny('\0', '\uFFFD'))
        {
            throw SparkifyException.Invalid("This is no text, so no dwh.cfg: it may be compressed, or another kind of file. Give the text file itself.");
        }

        foreach (var (at, line) in text.Split('\n').Index())
        {
            Add(at + 1, line.Trim());
        }

        if (_values.Count == 0)
        {
            throw SparkifyException.Invalid("This is no dwh.cfg: no line of it gives a value. It has lines such as HOST=…, DB_NAME=…, LOG_DATA=s3://….");
        }
    }

    /// <summary>The value of the first of these names that has one; all of them count as used.</summary>
    public string? First(params ReadOnlySpan<string> names)
    {
        string? first = null;
        foreach (var name in names)
        {
            if (_values.TryGetValue(name, out var value))
            {
                _used.Add(name);
                first ??= value.Length > 0 ? value : null;
            }
        }

        return first;
    }

    /// <summary>Whether one of these names stands in the file, with a value.</summary>
    public bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_values.GetValueOrDefault(name) is { Length: > 0 })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The names nobody has asked for, as they stand in the file.</summary>
    public IReadOnlyList<string> Unused => [.. _values.Keys.Where(k => !_used.Contains(k))];

    private void Add(int number, string line)
    {
        if (line.Length == 0 || line[0] is '#' or ';')
        {
            return;
        }

        if (line[0] == '[')
        {
            if (!line.Contains(']', StringComparison.Ordinal))
            {
                _notes.Add($"Line {number} begins a section and does not end it (there is no ]); what follows is read all the same.");
            }

            return;
        }

        // Not said with its text: a line that is broken may be half a password.
        if (line.IndexOfAny(['=', ':']) is not (> 0 and var at))
        {
            _notes.Add($"Line {number} is no NAME=value: it was left out.");
            return;
        }

        var name = line[..at].Trim();
        var (value, more) = Value(line[(at + 1)..].Trim());
        if (more)
        {
            _notes.Add($"Behind the quoted value of {name} stands something that is no comment: it was left out.");
        }

        if (Placeholder().IsMatch(value))
        {
            _notes.Add($"{name} is a placeholder that was never filled in: it was left out.");
            value = "";
        }

        if (_values.TryGetValue(name, out var before) && before.Length > 0 && value.Length > 0 && before != value)
        {
            _notes.Add($"{name} stands in the file more than once; the last one counts.");
        }

        _values[name] = value.Length > 0 ? value : before ?? "";
    }

    /// <summary>
    /// A value without its quotes and without a comment behind it, and whether something else stands behind the quotes. As in every file of
    /// this kind, only white space before it makes <c>;</c> or <c>#</c> a comment: both may be part of a password or a key of S3.
    /// </summary>
    private static (string Value, bool More) Value(string text)
    {
        if (text is ['\'' or '"', ..] && text.IndexOf(text[0], 1) is var close and > 0)
        {
            var rest = text.AsSpan(close + 1).Trim();
            return (text[1..close].Trim(), !rest.IsEmpty && rest[0] is not (';' or '#'));
        }

        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] is ';' or '#' && char.IsWhiteSpace(text[at - 1]))
            {
                text = text[..at];
            }
        }

        return (text is [';' or '#', ..] ? "" : text.Trim(), false);
    }

    [GeneratedRegex(
        @"\A(x{2,}|\*{2,}|\.{3}|<[^>]*>|\{\{?[^}]*\}?\}|(replace|change|fill)[ _-]?(me|this|in)?|your[ _-].*|todo|tbd|none|null)\z",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
