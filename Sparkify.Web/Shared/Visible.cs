using System.Diagnostics.CodeAnalysis;
using Sparkify.Core.Common;

namespace Sparkify.Web.Shared;

/// <summary>
/// Text that came from elsewhere (a file's name, a record, what a browser says of itself), with what nobody could see in it shown for what
/// it is: as escapes such as <c>\u202e</c>.
/// </summary>
internal static class Visible
{
    /// <summary>It as it can be seen; the same one when there is nothing hidden in it.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Of(string? text) => text is null || !HiddenCharacters.AreIn(text) ? text
        : string.Concat(text.Select(static c => HiddenCharacters.Contains(c) ? $"\\u{(int)c:x4}" : c.ToString()));
}
