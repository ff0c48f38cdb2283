namespace Sparkify.Core.Runs;

/// <summary>Something that happens by the clock, at most once at a time over all processes. Each feature brings its own.</summary>
internal interface IUpkeep
{
    /// <summary>Its name, such as <c>idle-guard</c>.</summary>
    string Name { get; }

    /// <summary>When, in the five fields of cron and in UTC.</summary>
    string Cron { get; }

    /// <summary>Does it once. What it throws is noted and does not keep it from the next time.</summary>
    Task WorkAsync(CancellationToken ct);
}
