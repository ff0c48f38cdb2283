namespace Sparkify.Core.Common;

/// <summary>How old what readers see may be before it is called stale. Both in hours; 0 is any age.</summary>
/// <param name="NewestEvent">How old the newest event that became a play may be.</param>
/// <param name="LastLoad">How long ago the last load may be that was published.</param>
public sealed record FreshnessLimits(int NewestEvent, int LastLoad)
{
    /// <summary>The most hours: ten years.</summary>
    public const int Most = 87_600;

    /// <summary>Nothing is ever stale.</summary>
    public static FreshnessLimits None { get; } = new(NewestEvent: 0, LastLoad: 0);

    /// <summary>Throws a sentence when one of them cannot be.</summary>
    public void Check()
    {
        foreach (var (what, hours) in new[] { ("newest event", NewestEvent), ("last load", LastLoad) })
        {
            if (hours is < 0 or > Most)
            {
                throw SparkifyException.Invalid($"How old the {what} may be is 0 to {Most:N0} hours, was {hours:N0}. 0 is any age.");
            }
        }
    }

    /// <summary>What is too old at a moment, as sentences; none when nothing is, or when it is not known.</summary>
    public IReadOnlyList<string> Stale(DateTimeOffset? newestEvent, DateTimeOffset? lastLoad, DateTimeOffset now) =>
        [.. new[]
        {
            Sentence("newest event", newestEvent, NewestEvent, now), Sentence("last load", lastLoad, LastLoad, now),
        }.OfType<string>()];

    private static string? Sentence(string what, DateTimeOffset? at, int hours, DateTimeOffset now)
    {
        var limit = TimeSpan.FromHours(hours);
        if (hours == 0 || now - at is not { } age || age <= limit)
        {
            return null;
        }

        // Of what is long past, the hours say nothing.
        age = age > 2 * limit && age.TotalDays >= 10 ? TimeSpan.FromDays((long)age.TotalDays) : age;
        return SpanWords.Age(age) == SpanWords.Age(limit)
            ? $"The {what} is more than {SpanWords.Age(limit)} old."
            : $"The {what} is {SpanWords.Age(age)} old; it may be at most {SpanWords.Age(limit)} old.";
    }
}
