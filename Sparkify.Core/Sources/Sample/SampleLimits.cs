using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Sample;

/// <summary>What sizes of sample make sense.</summary>
internal static class SampleLimits
{
    public const int MostDays = 366;
    public const int MostEvents = 100_000_000;
    public const int MostSongs = 400_000;

    /// <summary>What is wrong with a sample's numbers, or none.</summary>
    public static string? Problem(SampleSource sample)
    {
        List<string> wrong = [];
        if (sample.Days is < 1 or > MostDays)
        {
            wrong.Add($"The sample's days must be between 1 and {MostDays}, were {sample.Days}.");
        }

        if (sample.Events is < 1 or > MostEvents)
        {
            wrong.Add($"The sample's events must be between 1 and {MostEvents:N0}, were {sample.Events:N0}.");
        }
        else if (sample.Events < sample.Days)
        {
            wrong.Add($"The sample needs at least one event a day: {sample.Events:N0} events are too few for {sample.Days} days.");
        }

        if (sample.Songs is < 1 or > MostSongs)
        {
            wrong.Add($"The sample's songs must be between 1 and {MostSongs:N0}, were {sample.Songs:N0}.");
        }

        return wrong.Count == 0 ? null : string.Join(' ', wrong);
    }

    /// <summary>Throws the sentences when there are any.</summary>
    public static void Demand(SampleSource sample)
    {
        if (Problem(sample) is { } problem)
        {
            throw SparkifyException.Invalid(problem);
        }
    }
}
