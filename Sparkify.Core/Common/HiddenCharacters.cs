using System.Buffers;

namespace Sparkify.Core.Common;

/// <summary>
/// Characters that nobody sees in a text: controls (tabs and line ends aside), marks that turn the order of letters round, and marks of no
/// width. What joins letters and emoji is not among them.
/// </summary>
public static class HiddenCharacters
{
    private static readonly SearchValues<char> All =
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue).Select(static c => (char)c).Where(IsOne)]);

    /// <summary>Whether a text has any.</summary>
    public static bool AreIn(ReadOnlySpan<char> text) => text.ContainsAny(All);

    /// <summary>Whether it is one.</summary>
    public static bool Contains(char c) => All.Contains(c);

    private static bool IsOne(char c) => (char.IsControl(c) && c is not ('\t' or '\n' or '\r'))
        || c is '\u061c' or '\u200b' or '\u200e' or '\u200f' or '\ufeff'
        or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u206f');
}
