using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Home;

/// <summary>Something that waits for a person.</summary>
/// <param name="Run">The run it is about.</param>
/// <param name="Look">Its tone and its shape.</param>
/// <param name="What">The fact.</param>
/// <param name="Where">Whose it is.</param>
/// <param name="Verb">What to do.</param>
/// <param name="Href">Where.</param>
public sealed record Need(long Run, BadgeLook Look, string What, string Where, string Verb, string Href)
{
    private const int Most = 6;

    /// <summary>Decisions first, then failures, then rejects of the star that readers see.</summary>
    public static IReadOnlyList<Need> Of(IEnumerable<Warehouse> warehouses, RunCache runs)
    {
        ArgumentNullException.ThrowIfNull(warehouses);
        ArgumentNullException.ThrowIfNull(runs);
        var found =
            from warehouse in warehouses
            where warehouse.State != WarehouseState.Removed
            let latest = runs.Latest(warehouse.Name)
            let published = warehouse.PublishedRun is { } run ? runs.Find(run) : null
            from need in new[] { OfLatest(latest), OfPublished(published) }
            where need is not null
            orderby need.Look.Tone descending, need.Run descending
            select need;
        return [.. found.Take(Most)];
    }

    private static Need? OfLatest(RunView? run) => run switch
    {
        { State: RunState.NeedsDecision, Decision: { } decision } => new(
            run.Id, StatusBadges.For(run.State), decision.Asks, $"{run.Warehouse} · {Format.Noun(run.Kind)} #{run.Id}", "Decide", $"/runs/{run.Id}"),
        { State: RunState.Failed } => new(
            run.Id, StatusBadges.For(run.State),
            run.Steps.FirstOrDefault(static s => s.State == StepState.Failed) is { } step ? $"“{step.Title}” failed" : $"{Format.Kind(run.Kind)} failed",
            $"{run.Warehouse} · {Format.Noun(run.Kind)} #{run.Id}: {run.Error}", "Look", $"/runs/{run.Id}"),
        _ => null,
    };

    private static Need? OfPublished(RunView? run) => run is { Rejects: > 0 }
        ? new(
            run.Id, StatusBadges.For(run), $"{Format.Count(run.Rejects, "record")} could not be staged",
            $"{run.Warehouse} · load #{run.Id}", "Read", $"/warehouses/{run.Warehouse}/rejects?run={run.Id}")
        : null;
}
