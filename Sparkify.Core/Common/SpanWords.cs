using System.Globalization;

namespace Sparkify.Core.Common;

/// <summary>Spans of time in words.</summary>
internal static class SpanWords
{
    /// <summary>How old something is, to the hour: <c>5 hours</c>, <c>3 days 1 hour</c>, <c>2 days</c>.</summary>
    public static string Age(TimeSpan span)
    {
        var (days, hours) = ((long)span.TotalDays, span.Hours);
        return days == 0 ? Count(hours, "hour") : hours == 0 ? Count(days, "day") : $"{Count(days, "day")} {Count(hours, "hour")}";
    }

    /// <summary>Such as <c>1 day</c>, <c>1,000 days</c>.</summary>
    public static string Count(long count, string what) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";
}
