using System.Globalization;
using System.Text;

namespace Sparkify.Core.Common;

/// <summary>Text from anywhere as a part of one line: nothing in it begins another one, colours a terminal or hides.</summary>
public static class OneLine
{
    /// <summary>The text with every such character written out, as in <c>\n</c> and <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!HiddenCharacters.AreIn(text) && text.AsSpan().IndexOfAny('\t', '\n', '\r') < 0)
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\t' => line.Append("\\t"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                _ when HiddenCharacters.Contains(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }
}
