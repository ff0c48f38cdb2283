using Cronos;
using Sparkify.Core.Common;

namespace Sparkify.Core.Schedules;

/// <summary>When something is due: the five fields of cron in a named time zone.</summary>
internal sealed class CronPlan
{
    private const string Example = "Every night at 02:30 is: 30 2 * * *";

    private readonly CronExpression _expression;

    private CronPlan(string cron, TimeZoneInfo zone, string words, CronExpression expression) =>
        (Cron, Zone, Words, _expression) = (cron, zone, words, expression);

    /// <summary>The expression, one blank between its fields.</summary>
    public string Cron { get; }

    /// <summary>The time zone.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>When, in words: <c>At 02:30, every day</c>.</summary>
    public string Words { get; }

    /// <summary>Reads a plan; throws a sentence that says which field is wrong, or which zone is not known.</summary>
    public static CronPlan Of(string? cron, string? zone)
    {
        var fields = (cron ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length != CronField.All.Count)
        {
            throw SparkifyException.Invalid(
                $"A cron expression has five fields with blanks between them (minute, hour, day of month, month, day of week), and this one has {fields.Length}. {Example}");
        }

        var values = CronField.All.Zip(fields, static (field, text) => field.Values(text)).ToList();
        var text = string.Join(' ', fields).ToUpperInvariant();
        var plan = new CronPlan(text, Zones.Find(zone), CronWords.Of(values), Parse(text));
        return plan.After(DateTimeOffset.UnixEpoch) is not null ? plan : throw SparkifyException.Invalid(
            $"'{text}' never comes: there is no such day in these months.");
    }

    // The library knows less than the fields do: steps in a list, and numbers of three digits, are not for it.
    private static CronExpression Parse(string text)
    {
        try
        {
            return CronExpression.Parse(text);
        }
        catch (CronFormatException)
        {
            throw SparkifyException.Invalid(
                $"'{text}' cannot be read: a list takes numbers and ranges (1,5,20-25), a step stands by itself (*/10 or 5-55/10), and a number has one or two digits. {Example}");
        }
    }

    /// <summary>The plan of a schedule; none when its zone is not known to this machine.</summary>
    public static CronPlan? TryOf(ScheduleSettings settings)
    {
        try
        {
            return Of(settings.Cron, settings.Zone);
        }
        catch (SparkifyException)
        {
            return null; // it was right when it was given, perhaps on another machine
        }
    }

    /// <summary>The first time after a moment; none when there is none any more.</summary>
    public DateTimeOffset? After(DateTimeOffset moment) => _expression.GetNextOccurrence(moment, Zone);

    /// <summary>The next times after a moment.</summary>
    public IReadOnlyList<NextTime> Next(DateTimeOffset now, int most)
    {
        List<NextTime> next = [];
        for (var at = After(now); at is { } due && next.Count < most; at = After(due))
        {
            next.Add(new NextTime(due.ToUniversalTime(), Zones.Local(due, Zone), CronWords.Away(due - now)));
        }

        return next;
    }

    /// <summary>The last time after one moment and until another, and how many there were; none when there was none.</summary>
    public (DateTimeOffset Last, long Count)? Between(DateTimeOffset after, DateTimeOffset until)
    {
        (DateTimeOffset Last, long Count)? found = null;
        for (var at = After(after); at is { } due && due <= until; at = After(due))
        {
            found = (due.ToUniversalTime(), (found?.Count ?? 0) + 1);
        }

        return found;
    }
}
