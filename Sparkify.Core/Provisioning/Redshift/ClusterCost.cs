using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What a cluster has cost so far and costs on, from the runs that started and stopped it.</summary>
/// <param name="Price">What it costs while it runs; none when its node type's price is not known.</param>
/// <param name="RunningSince">Since when it runs; none while it is paused or gone.</param>
/// <param name="Before">When it ran before that, in order.</param>
/// <param name="StoragePerGigabyteMonth">What its data costs, also while it is paused.</param>
public sealed record ClusterCost(
    RedshiftPrice? Price, DateTimeOffset? RunningSince, IReadOnlyList<RunningTime> Before, decimal StoragePerGigabyteMonth)
{
    // What begins to cost when a run gets past it, and what stops that; a cluster that is asked for is counted at once, so that none is
    // overlooked.
    private static readonly (RunKind Kind, string Step)[] Starts = [(RunKind.Provision, "cluster"), (RunKind.Resume, "resume")];
    private static readonly (RunKind Kind, string Step)[] Stops = [(RunKind.Pause, "pause"), (RunKind.Teardown, "cluster")];

    /// <summary>The kinds of runs that tell.</summary>
    public static IReadOnlyList<RunKind> Kinds { get; } = [RunKind.Provision, RunKind.Resume, RunKind.Pause, RunKind.Teardown];

    /// <summary>How long it has run altogether.</summary>
    public TimeSpan Running(DateTimeOffset now) => Running(DateTimeOffset.MinValue, now);

    /// <summary>
    /// US dollars in this calendar month (UTC) so far, at today's price and without storage; none when that is not known.
    /// </summary>
    public decimal? ThisMonth(DateTimeOffset now) =>
        Price?.For(Running(new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero), now));

    /// <summary>US dollars so far, without storage; none when the price is not known.</summary>
    public decimal? SoFar(DateTimeOffset now) => Price?.For(Running(now));

    /// <summary>Reads the meter.</summary>
    public static ClusterCost Of(RedshiftPrice? price, IEnumerable<RunView> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        DateTimeOffset? since = null;
        List<RunningTime> before = [];
        foreach (var (at, on) in runs.SelectMany(Switches).OrderBy(static s => s.At))
        {
            if (on)
            {
                since ??= at;
            }
            else if (since is { } started)
            {
                before.Add(new RunningTime(started, at));
                since = null;
            }
        }

        return new ClusterCost(price, since, before, RedshiftPrices.StoragePerGigabyteMonth);
    }

    private TimeSpan Running(DateTimeOffset from, DateTimeOffset until)
    {
        var all = RunningSince is { } since ? Before.Append(new RunningTime(since, until)) : Before;
        return all.Aggregate(TimeSpan.Zero, (sum, time) =>
        {
            var (begin, end) = (time.From > from ? time.From : from, time.Until < until ? time.Until : until);
            return end > begin ? sum + (end - begin) : sum;
        });
    }

    private static IEnumerable<(DateTimeOffset At, bool On)> Switches(RunView run) =>
        from step in run.Steps
        where step is { State: StepState.Succeeded, FinishedAt: not null }
        let starts = Starts.Contains((run.Kind, step.Name))
        where starts || Stops.Contains((run.Kind, step.Name))
        select (step.FinishedAt!.Value, starts);
}

/// <summary>A time in which a cluster ran.</summary>
/// <param name="From">From when.</param>
/// <param name="Until">Until when.</param>
public sealed record RunningTime(DateTimeOffset From, DateTimeOffset Until);
