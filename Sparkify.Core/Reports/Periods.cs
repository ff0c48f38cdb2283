using System.Text.RegularExpressions;

namespace Sparkify.Core.Reports;

/// <summary>What one point of time can be in reports that take <c>per</c>.</summary>
internal static partial class Periods
{
    /// <summary>The words, from the shortest to the longest.</summary>
    public static IReadOnlyList<string> All { get; } = ["day", "week", "month", "year"];

    /// <summary>The period a moment belongs to, as SQL.</summary>
    public static string Of(string moment) =>
        $"case @per {string.Join(' ', All.Skip(1).Select(p => $"when '{p}' then date_trunc('{p}', {moment})"))} else date_trunc('day', {moment}) end";

    /// <summary>SQL with <c>{period of MOMENT}</c> put in.</summary>
    public static string In(string sql) => Placeholder().Replace(sql, static match => Of(match.Groups["moment"].Value));

    [GeneratedRegex(@"\{period of (?<moment>[a-z_.]+)\}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Placeholder();
}
