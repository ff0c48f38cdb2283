using System.Globalization;
using System.Text.Json;
using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>One path of a JSONPaths file: <c>$.a.b[0]</c> or <c>$['a']['b'][0]</c>.</summary>
internal sealed class JsonPath
{
    private readonly List<(string? Name, int Index)> _steps = [];

    public static JsonPath Parse(string text)
    {
        var path = new JsonPath();
        var (dots, brackets) = (false, false);
        var at = 1;
        if (!text.StartsWith('$') || text.Length == 1)
        {
            throw Invalid(text);
        }

        while (at < text.Length)
        {
            if (text[at] == '.')
            {
                var end = text.AsSpan(at + 1).IndexOfAny('.', '[') is var next && next < 0 ? text.Length : at + 1 + next;
                path._steps.Add((text[(at + 1)..end], -1));
                (dots, at) = (true, end);
            }
            else if (text[at] == '[' && text.IndexOf(']', at) is var close and > 0)
            {
                var inside = text[(at + 1)..close];
                if (int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    path._steps.Add((null, index));
                }
                else if (inside.Length > 2 && inside[0] is '\'' or '"' && inside[^1] == inside[0])
                {
                    path._steps.Add((inside[1..^1], -1));
                    brackets = true;
                }
                else
                {
                    throw Invalid(text);
                }

                at = close + 1;
            }
            else
            {
                throw Invalid(text);
            }
        }

        return (dots && brackets) || path._steps.Exists(static s => s.Name is "" or "*") ? throw Invalid(text) : path;
    }

    /// <summary>Whether it begins with a member's name, which only an object has.</summary>
    public bool BeginsInObject => _steps is [(not null, _), ..];

    /// <summary>What lies at the path: nothing for a member that is not there. An array without the element is false.</summary>
    public bool Find(JsonElement record, out JsonElement? value)
    {
        value = null;
        foreach (var (name, index) in _steps)
        {
            if (name is null)
            {
                if (record.ValueKind != JsonValueKind.Array || index >= record.GetArrayLength())
                {
                    return false;
                }

                record = record[index];
            }
            else if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty(name, out record))
            {
                return true;
            }
        }

        value = record;
        return true;
    }

    private static SqlErrorException Invalid(string text) =>
        new("XX000", $"Invalid JSONPath format: {text} is not supported. Use all dots or all brackets, without wildcards.");
}
