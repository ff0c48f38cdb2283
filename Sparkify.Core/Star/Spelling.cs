using System.Text;

namespace Sparkify.Core.Star;

/// <summary>A text as it is spelled, and composed (Unicode form NFC).</summary>
internal sealed class Spelling
{
    public Spelling(string text, string composed)
    {
        (Text, Composed, Spaced) = (text, composed, OneBlank(composed));
        Folded = Spaced.ToUpperInvariant();
    }

    /// <summary>As it is.</summary>
    public string Text { get; }

    /// <summary>Composed.</summary>
    public string Composed { get; }

    /// <summary>No text.</summary>
    public static Spelling None { get; } = new("", "");

    /// <summary>Whether a text may not be composed; below U+0300 there is nothing to compose.</summary>
    public static bool MayBeApart(string text) => text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') >= 0;

    /// <summary>Composed, blanks of all kinds as one.</summary>
    public string Spaced { get; }

    /// <summary>What is the same for all spellings of one thing: besides, all in one case.</summary>
    public string Folded { get; }

    /// <summary>In what two spellings of one thing differ, in words.</summary>
    public string DifferenceTo(Spelling other)
    {
        List<string> ways = [];
        if (!string.Equals(Spaced, other.Spaced, StringComparison.Ordinal))
        {
            ways.Add("case");
        }

        if (!string.Equals(Composed.ToUpperInvariant(), other.Composed.ToUpperInvariant(), StringComparison.Ordinal))
        {
            ways.Add("blanks");
        }

        // What composing has changed in one and not in the other, or in both.
        if (Text != Composed || other.Text != other.Composed)
        {
            ways.Add("Unicode form");
        }

        return string.Join(" and ", ways);
    }

    private static string OneBlank(string text)
    {
        if (HasSingleBlanks(text))
        {
            return text;
        }

        var to = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            if (!IsBlank(letter))
            {
                to.Append(letter);
            }
            else if (to.Length > 0 && to[^1] != ' ')
            {
                to.Append(' ');
            }
        }

        return to.Length > 0 && to[^1] == ' ' ? to.ToString(0, to.Length - 1) : to.ToString();
    }

    // Nearly every text: nothing to change.
    private static bool HasSingleBlanks(string text)
    {
        var blank = true;
        foreach (var letter in text)
        {
            if (IsBlank(letter) && (blank || letter != ' '))
            {
                return false;
            }

            blank = letter == ' ';
        }

        return !blank || text.Length == 0;
    }

    // Also those without width: between words a reader sees none of them.
    private static bool IsBlank(char letter) => char.IsWhiteSpace(letter) || letter is '\u200B' or '\uFEFF';
}
