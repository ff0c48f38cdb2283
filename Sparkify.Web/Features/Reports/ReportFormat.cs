using System.Globalization;
using Sparkify.Core.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Reports;

/// <summary>A report's values as people read them.</summary>
public static class ReportFormat
{
    private static readonly string[] Weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    /// <summary>The parameters that were given, each in words: "top 5".</summary>
    public static IEnumerable<string> Given(ReportResult result, IReadOnlyDictionary<string, string?> given)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Arguments.Where(a => given.ContainsKey(a.Name)).Select(static a => $"{a.Label.ToLowerInvariant()} {a.Value}");
    }

    /// <summary>A value of a column.</summary>
    public static string Cell(ColumnFormat format, object? value) => (format, value) switch
    {
        (_, null) => "null",
        (ColumnFormat.Count, long count) => Format.Count(count),
        (ColumnFormat.Weekday, long day and >= 1 and <= 7) => Weekdays[day - 1],
        (ColumnFormat.Share, double share) => Percent(share),
        (ColumnFormat.Seconds, double seconds) => Format.Duration(TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 1e9))),
        (ColumnFormat.Number, double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture),
        (ColumnFormat.Day, DateTime day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        (ColumnFormat.Moment, DateTime moment) => moment.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        (_, IFormattable other) => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Whether values of a format are set flush right.</summary>
    public static bool IsNumber(ColumnFormat format) =>
        format is ColumnFormat.Count or ColumnFormat.Number or ColumnFormat.Share or ColumnFormat.Seconds;

    /// <summary>A value as a length in a drawing.</summary>
    public static double Length(object? value) => value switch
    {
        long whole => whole,
        double number when double.IsFinite(number) => number,
        _ => 0,
    };

    /// <summary>A number on an axis, in the format of what is drawn.</summary>
    public static string Tick(ColumnFormat format, double value) => format switch
    {
        ColumnFormat.Share => Percent(value),
        ColumnFormat.Seconds => Format.Duration(TimeSpan.FromSeconds(value)),
        _ when Math.Abs(value) >= 1_000_000 => (value / 1_000_000).ToString("0.##", CultureInfo.InvariantCulture) + " M",
        _ => value.ToString("#,0.##", CultureInfo.InvariantCulture),
    };

    /// <summary>What a shelf of reports is called.</summary>
    public static string Group(ReportGroup group) => group switch
    {
        ReportGroup.Listening => "Listening",
        ReportGroup.People => "People",
        ReportGroup.Places => "Places and devices",
        ReportGroup.Catalogue => "Catalogue",
        ReportGroup.Arrival => "Did it arrive",
        _ => throw new System.Diagnostics.UnreachableException($"No name for {group}."),
    };

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";
}
