using System.Text.RegularExpressions;

namespace Sparkify.Core.Warehouses;

/// <summary>A warehouse's own tags on what is made for it, by the rules of those services of AWS that are strictest.</summary>
internal static partial class ResourceTags
{
    /// <summary>How many there may be: AWS takes 50 on a resource, and ours are among them.</summary>
    public const int Most = 45;

    private const int LongestKey = 128, LongestValue = 256;
    private const string Ours = "sparkify:", Amazons = "aws:";

    /// <summary>What is wrong with tags, as sentences.</summary>
    public static IEnumerable<string> Problems(IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count > Most)
        {
            yield return $"There may be {Most} tags of your own, not {tags.Count}: AWS takes 50 on a resource, and Sparkify's are among them.";
        }

        foreach (var (key, value) in tags.OrderBy(static t => t.Key, StringComparer.Ordinal))
        {
            // A document may say null where a text belongs.
            if (((string?)value is null ? $"The tag '{key}' has no value: give one, which may be empty, or leave the tag out." : Problem(key, value))
                is { } problem)
            {
                yield return problem;
            }
        }

        // IAM takes the same key once, whatever its case.
        foreach (var twice in tags.Keys.GroupBy(static k => k, StringComparer.OrdinalIgnoreCase).Where(static g => g.Count() > 1))
        {
            yield return $"The tags {Common.Words.List([.. twice.Order(StringComparer.Ordinal).Select(static k => $"'{k}'")])} differ in case only, which IAM does not tell apart. Keep one.";
        }
    }

    /// <summary>What is wrong with one; none when it may stand.</summary>
    public static string? Problem(string key, string value) =>
        string.IsNullOrWhiteSpace(key) ? "A tag has a key: 1 to 128 letters, digits, spaces and _ . : / = + - @."
        : key.StartsWith(Amazons, StringComparison.OrdinalIgnoreCase) ? $"The tag '{key}' begins with aws:, which is Amazon's own. Choose another key."
        : key.StartsWith(Ours, StringComparison.OrdinalIgnoreCase) ? $"The tag '{key}' begins with sparkify:, by which Sparkify knows what is its own. Choose another key."
        : key.Length > LongestKey ? $"The key of a tag has at most {LongestKey} characters; '{key[..20]}…' has {key.Length}."
        : value.Length > LongestValue ? $"The value of a tag has at most {LongestValue} characters; that of '{key}' has {value.Length}."
        : !Form().IsMatch(key) ? $"The key of the tag '{key}' holds a character that AWS does not take: letters, digits, spaces and _ . : / = + - @ are taken."
        : !Form().IsMatch(value) ? $"The value of the tag '{key}' holds a character that AWS does not take: letters, digits, spaces and _ . : / = + - @ are taken."
        : null;

    [GeneratedRegex(@"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
