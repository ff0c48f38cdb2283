using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.People;

/// <summary>Names of people: what they type to sign in, and what stands beside what they did.</summary>
internal static partial class PersonName
{
    // Those stand in records for what was nobody's.
    private static readonly string[] Taken = [Actor.System.Name, "system", "nobody"];

    /// <summary>Throws a sentence when it is none.</summary>
    public static string Checked(string name) => !Form().IsMatch(name)
        ? throw SparkifyException.Invalid(
            "A name has 1 to 64 letters, digits and . _ - @ and begins with a letter or digit: ann, ann.lee, ann@example.com.")
        : Taken.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? throw SparkifyException.Invalid($"The name '{name}' is kept for the application itself. Choose another one.")
            : name;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Form();
}
