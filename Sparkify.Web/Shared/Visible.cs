using System.Buffers;

namespace Sparkify.Web.Shared;

/// <summary>
/// Text that came from elsewhere (a file's name, a record, what a browser says of itself), with what nobody could see in it shown for what
/// it is: controls, marks that turn the order of letters round, and marks of no width, as escapes such as <c>\u202e</c>. What joins
/// letters and emoji stays.
/// </summary>
internal static class Visible
{
    private static readonly SearchValues<char> Hidden =
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue).Select(static c => (char)c).Where(IsHidden)]);

    /// <summary>It as it can be seen; the same one when there is nothing hidden in it.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text is null || !text.AsSpan().ContainsAny(Hidden) ? text
        : string.Concat(text.Select(static c => Hidden.Contains(c) ? $"\\u{(int)c:x4}" : c.ToString()));

    private static bool IsHidden(char c) => (char.IsControl(c) && c is not ('\t' or '\n' or '\r'))
        || c is '\u061c' or '\u200b' or '\u200e' or '\u200f' or '\ufeff'
        or (>= '\u2028' and <= '\u202e') or (>= '\u2060' and <= '\u206f');
}
