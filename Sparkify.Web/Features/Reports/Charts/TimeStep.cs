using System.Globalization;
using Sparkify.Core.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>What one point of time is in a drawing: a day, a week, a month, a year.</summary>
/// <param name="word">The word for it.</param>
/// <param name="pattern">How one is labelled.</param>
internal sealed class TimeStep(string word, string pattern)
{
    private static readonly TimeStep[] All = [new("day", "d MMM yyyy"), new("week", "d MMM yyyy"), new("month", "MMM yyyy"), new("year", "yyyy")];

    /// <summary>The word for it.</summary>
    public string Word => word;

    /// <summary>The word as the beginning of a sentence about several.</summary>
    public string Several => $"{char.ToUpperInvariant(word[0])}{word[1..]}s";

    /// <summary>The step of an answer: what it was asked for, or else weeks where all its days are weeks apart.</summary>
    public static TimeStep Of(ReportResult result, int axis)
    {
        if (All.FirstOrDefault(s => s.Word == Asked(result)) is { } asked)
        {
            return asked;
        }

        var days = result.Rows.Select(r => r[axis]).OfType<DateTime>().Distinct().Order().ToList();
        return days.Count > 1 && days.Zip(days.Skip(1), static (a, b) => (b - a).TotalDays).All(static gap => gap % 7 == 0)
            ? All[1]
            : All[0];
    }

    /// <summary>The step an answer was asked for, as it stands in addresses; none when its report takes none.</summary>
    public static string? Asked(ReportResult result) => result.Arguments.FirstOrDefault(static a => a.Name == "per")?.Value;

    /// <summary>The wider steps that the report of an answer could be asked for, the next one first.</summary>
    public static IEnumerable<string> Wider(ReportResult result) => Asked(result) is { } asked
        ? result.Report.Parameters.First(static p => p.Name == "per").Choices!.SkipWhile(c => c != asked).Skip(1)
        : [];

    /// <summary>A point as a label.</summary>
    public string Label(DateTime at) => at.ToString(pattern, CultureInfo.InvariantCulture);

    /// <summary>A point as it stands on an axis, where the year may be said by the axis itself.</summary>
    public string Tick(DateTime at, bool withYear) =>
        at.ToString(withYear || !pattern.StartsWith('d') ? pattern : "d MMM", CultureInfo.InvariantCulture);

    /// <summary>A point as the head of a tip.</summary>
    public string Title(DateTime at) => word switch
    {
        "day" => at.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture),
        "week" => $"Week of {Label(at)}",
        _ => Label(at),
    };

    /// <summary>From when to when a point is.</summary>
    public string Span(TimePoint point) => $"{Label(point.From)} to {Label(Of(Number(point.From) + point.Steps - 1))}";

    /// <summary>So many of them, in words.</summary>
    public string Count(long steps) => Format.Count(steps, word);

    /// <summary>A point's place among all there could be.</summary>
    public long Number(DateTime at) => word switch
    {
        "week" => (at - Monday).Days / 7,
        "month" => ((at.Year - 1) * 12L) + at.Month - 1,
        "year" => at.Year - 1,
        _ => (at - DateTime.MinValue).Days,
    };

    /// <summary>The point at a place.</summary>
    public DateTime Of(long number) => DateTime.SpecifyKind(
        word switch
        {
            "week" => Monday.AddDays(number * 7),
            "month" => new DateTime((int)(number / 12) + 1, (int)(number % 12) + 1, 1),
            "year" => new DateTime((int)number + 1, 1, 1),
            _ => DateTime.MinValue.AddDays(number),
        }, DateTimeKind.Utc);

    // The first day of all is a Monday.
    private static DateTime Monday => DateTime.MinValue;
}
