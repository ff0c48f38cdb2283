using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Warehouses;

/// <summary>Every warehouse in a row of its own, with its state, its last loads and the next thing to do; all of it live.</summary>
public sealed partial class WarehousesPage
{
    private const int LoadsShown = 12;

    /// <summary>Where tables are.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    private bool AnyCluster => All!.Values.Any(static w => w.HasOwnCluster);

    private string? Summary => All is null ? null
        : All.Values
            .Count(static w => w is { Target: WarehouseTarget.Redshift, State: not WarehouseState.Removed }) is > 0 and var cloud
            ? $"{Format.Count(All.Count, "warehouse")}, {Format.Count(cloud)} on Redshift"
            : Format.Count(All.Count, "warehouse");

    /// <inheritdoc/>
    protected override int LoadsRead => 500;

    private string? Second(Warehouse warehouse, RunView? latest) => latest switch
    {
        { Active: true } when latest.Steps.FirstOrDefault(static s => s.State == StepState.Running) is { } step =>
            step.Share is { } share ? $"{step.Title}, {Format.Share(share)}" : step.Title,
        { State: RunState.NeedsDecision } => $"load #{latest.Id} waits for you",
        { State: RunState.Failed, Kind: not RunKind.Check } => $"{Format.Noun(latest.Kind)} #{latest.Id}" +
            (latest.Steps.FirstOrDefault(static s => s.State == StepState.Failed) is { } failed ? $", at “{failed.Title}”" : null),
        _ => warehouse.State switch
        {
            WarehouseState.Defined => "nothing of it exists yet",
            WarehouseState.Available when warehouse.PublishedAt is null => "ready for its first load",
            WarehouseState.Available when warehouse.Stale(Clock.GetUtcNow()) is { Count: > 0 } stale => string.Join(' ', stale),
            WarehouseState.Paused => "keeps its data, costs storage only",
            WarehouseState.Removed => "proved that nothing is left",
            _ => null,
        },
    };

    private long? Plays(RunView? load) => load?.Steps.FirstOrDefault(s => s.Name == Tables.Facts)?.Rows;
}
