using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Schedules;

/// <summary>Cron in words, from the values of its five fields; none of a field is every one.</summary>
internal static class CronWords
{
    // More times than this are not listed one by one.
    private const int MostListed = 6;

    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;
    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames;

    /// <summary>Such as <c>At 02:30, every day</c>.</summary>
    public static string Of(IReadOnlyList<IReadOnlyList<int>?> fields) =>
        $"{Times(fields[0], fields[1])}, {When(fields[2], fields[3], fields[4])}";

    /// <summary>How far off something is: <c>in 3 days</c>.</summary>
    public static string Away(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => "in less than a minute",
        { TotalMinutes: < 90 } => In(span.TotalMinutes, "minute"),
        { TotalHours: < 36 } => In(span.TotalHours, "hour"),
        _ => In(span.TotalDays, "day"),
    };

    private static string In(double count, string what) => $"in {SpanWords.Count(Math.Max((long)Math.Round(count), 1), what)}";

    private static string Times(IReadOnlyList<int>? minutes, IReadOnlyList<int>? hours)
    {
        if (minutes is null || Step(minutes, 60) is not null)
        {
            var every = minutes is null ? "Every minute" : $"Every {Step(minutes, 60)} minutes";
            return hours is null ? every
                : IsRun(hours) ? $"{every} from {hours[0]:00}:00 to {hours[^1]:00}:59"
                : $"{every} of the hours {Words.List([.. hours.Select(Two)])}";
        }

        if (minutes is [var minute])
        {
            var at = minute == 0 ? "on the hour" : $"at minute {minute}";
            return hours switch
            {
                null => $"Every hour {at}",
                { Count: > 2 } when Step(hours, 24) is { } step => $"Every {step} hours {at}",
                { Count: > 2 } when IsRun(hours) => $"Every hour from {hours[0]:00}:{minute:00} to {hours[^1]:00}:{minute:00}",
                _ => $"At {Words.List([.. hours.Select(h => $"{h:00}:{minute:00}")])}",
            };
        }

        var of = hours is null ? "every hour"
            : IsRun(hours) && hours.Count > 1 ? $"the hours {hours[0]:00} to {hours[^1]:00}"
            : $"the hour{(hours.Count == 1 ? "" : "s")} {Words.List([.. hours.Select(Two)])}";
        return hours is not null && minutes.Count * hours.Count <= MostListed
            ? $"At {Words.List([.. hours.SelectMany(h => minutes.Select(m => $"{h:00}:{m:00}"))])}"
            : $"At the minutes {Words.List([.. minutes.Select(static m => m.ToString(CultureInfo.InvariantCulture))])} of {of}";
    }

    private static string When(IReadOnlyList<int>? days, IReadOnlyList<int>? months, IReadOnlyList<int>? weekdays)
    {
        var named = months is null ? null : Words.List([.. months.Select(static m => Months[m - 1])]);
        var within = named is null ? "" : $" in {named}";
        var dated = days is null ? null : $"on {Dates(days)} of {named ?? "every month"}";
        return (dated, weekdays) switch
        {
            (null, null) => $"every day{within}",
            (null, [var only]) => $"on {Days[only]}s{within}",
            (null, var some) => $"{Weekdays(some)}{within}",
            (_, null) => dated,
            // Unlike the oldest cron, both have to be so.
            _ => $"{dated}, if that is a {string.Join(" or ", weekdays.Select(static d => Days[d]))}",
        };
    }

    private static string Weekdays(IReadOnlyList<int> weekdays)
    {
        // A week begins on Monday here.
        var ordered = weekdays.OrderBy(static d => (d + 6) % 7).ToList();
        return ordered.Count > 2 && IsRun([.. ordered.Select(static d => (d + 6) % 7)])
            ? $"{Days[ordered[0]]} to {Days[ordered[^1]]}"
            : $"on {Words.List([.. ordered.Select(static d => Days[d] + "s")])}";
    }

    private static string Dates(IReadOnlyList<int> days) => days is [CronField.LastDay] ? "the last day"
        : days.Count > 2 && IsRun(days) ? $"the {Ordinal(days[0])} to the {Ordinal(days[^1])}"
        : $"the {Words.List([.. days.Select(Ordinal)])}";

    private static string Ordinal(int day) =>
        $"{day}{(day is 11 or 12 or 13 ? "th" : (day % 10) switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" })}";

    private static string Two(int hour) => hour.ToString("00", CultureInfo.InvariantCulture);

    // Whether values follow each other without a gap.
    private static bool IsRun(IReadOnlyList<int> values) => values[^1] - values[0] == values.Count - 1;

    // By how much values go up all the way round; none when they do not.
    private static int? Step(IReadOnlyList<int> values, int round)
    {
        var step = round / values.Count;
        return values.Count > 1 && round % values.Count == 0 && values.Index().All(v => v.Item == v.Index * step) ? step : null;
    }
}
