namespace Sparkify.Core.Common;

/// <summary>Names that people give to what they make, such as a dashboard: any text of one line that can be seen as it is.</summary>
internal static class GivenName
{
    /// <summary>The name without blanks around it; a refusal in a sentence when it is none.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="of">What is named, such as <c>a dashboard</c>.</param>
    /// <param name="longest">The most characters.</param>
    public static string Checked(string? name, string of, int longest)
    {
        var given = name?.Trim() ?? "";
        return given.Length == 0 || given.Length > longest || given.AsSpan().IndexOfAny('\t', '\n', '\r') >= 0
            ? throw SparkifyException.Invalid($"The name of {of} has 1 to {longest} characters in one line.")
            : HiddenCharacters.AreIn(given)
                ? throw SparkifyException.Invalid($"The name of {of} holds a character that cannot be seen. Type it anew instead of pasting it.")
                : given;
    }
}
