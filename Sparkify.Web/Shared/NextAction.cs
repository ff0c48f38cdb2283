using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Shared;

/// <summary>The one thing a person would do next with a warehouse.</summary>
/// <param name="Text">What the button says.</param>
/// <param name="Href">Where it leads, for a link.</param>
/// <param name="Start">The run it starts, for a button.</param>
/// <param name="Retry">The run it retries, for a button.</param>
public sealed record NextAction(string Text, string? Href = null, RunKind? Start = null, long? Retry = null)
{
    /// <summary>Decides it from where the warehouse stands and what its latest run did.</summary>
    public static NextAction For(Warehouse warehouse, RunView? latest)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        if (latest is { Active: true })
        {
            return new($"Watch the {Format.Noun(latest.Kind)}", Href: $"/runs/{latest.Id}");
        }

        if (latest is { State: RunState.NeedsDecision })
        {
            return new($"Decide on the {Format.Noun(latest.Kind)}", Href: $"/runs/{latest.Id}");
        }

        if (latest is { State: RunState.Failed or RunState.Cancelled, Kind: RunKind.Teardown })
        {
            // Destroying asks for the name to be typed, so it is never one click away; and where nothing was destroyed, life goes on.
            return warehouse.State == WarehouseState.Defined
                ? new("See what is left", Href: $"/warehouses/{warehouse.Name}/resources")
                : ByState(warehouse);
        }

        // A check of the files that failed keeps nobody from loading them.
        if (latest is
            {
                State: RunState.Failed
            or RunState.Cancelled, Kind: not RunKind.Check
            } && warehouse.State != WarehouseState.Removed)
        {
            return new($"Retry the {Format.Noun(latest.Kind)}", Retry: latest.Id);
        }

        return ByState(warehouse);
    }

    private static NextAction ByState(Warehouse warehouse) => warehouse.State switch
    {
        WarehouseState.Defined => new("Provision", Start: RunKind.Provision),
        WarehouseState.Available => new(
            warehouse.PublishedAt is null ? "Load" : warehouse.LoadMode == LoadMode.Incremental ? "Load what is new" : "Load again",
            Start: RunKind.Load),
        WarehouseState.Paused => new("Resume", Start: RunKind.Resume),
        WarehouseState.Removed => new("See the proof", Href: $"/warehouses/{warehouse.Name}/resources"),
        _ => throw new System.Diagnostics.UnreachableException($"No next action for {warehouse.State}."),
    };
}
