using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Warehouses;

/// <summary>Every warehouse in a row of its own, with its state, its last loads and the next thing to do; all of it live.</summary>
public sealed partial class WarehousesPage
{
    private const int LoadsShown = 12;
    private const int LoadsRead = 500;
    private readonly RunCache _runs = new();
    private SortedDictionary<string, Warehouse>? _warehouses;

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>Where tables are.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    private bool AnyCluster => _warehouses!.Values.Any(static w => w.Target == WarehouseTarget.Redshift);

    private string? Summary => _warehouses is null ? null
        : _warehouses.Values
            .Count(static w => w is { Target: WarehouseTarget.Redshift, State: not WarehouseState.Removed }) is > 0 and var cloud
            ? $"{Format.Count(_warehouses.Count)}, {Format.Count(cloud)} on Redshift"
            : Format.Count(_warehouses.Count);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var named = Own(Warehouses.Subscribe());
        var runs = Own(Runs.Subscribe());
        _runs.Apply(await Runs.LatestAsync(Life));
        _runs.Apply((await Runs.HistoryAsync(new RunFilter(Kind: RunKind.Load, Size: LoadsRead), Life)).Items);
        var all = await Warehouses.ListAsync(Life);
        _warehouses = new(all.ToDictionary(static w => w.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        Follow(named, ReadAgainAsync);
        Follow(runs, changes => _runs.Apply(changes));
    }

    private static string? Second(Warehouse warehouse, RunView? latest) => latest switch
    {
        { Active: true } when latest.Steps.FirstOrDefault(static s => s.State == StepState.Running) is { } step =>
            step.Share is { } share ? $"{step.Title}, {Format.Share(share)}" : step.Title,
        { State: RunState.NeedsDecision } => $"load #{latest.Id} waits for you",
        { State: RunState.Failed, Kind: not RunKind.Check } => $"{Format.Noun(latest.Kind)} #{latest.Id} failed",
        _ => warehouse.State switch
        {
            WarehouseState.Defined => "nothing of it exists yet",
            WarehouseState.Available when warehouse.PublishedAt is null => "ready for its first load",
            WarehouseState.Paused => "keeps its data, costs storage only",
            WarehouseState.Removed => "proved that nothing is left",
            _ => null,
        },
    };

    private long? Plays(RunView? load) => load?.Steps.FirstOrDefault(s => s.Name == Tables.Facts)?.Rows;

    private IReadOnlyList<RunView> Loads(string warehouse) =>
        [.. _runs.Recent(int.MaxValue, warehouse).Where(static r => r.Kind == RunKind.Load).Take(LoadsShown).Reverse()];

    private async Task ReadAgainAsync(IReadOnlyList<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (await Warehouses.FindAsync(name, Life) is { } warehouse)
            {
                _warehouses![name] = warehouse;
            }
            else
            {
                _warehouses!.Remove(name);
                _runs.Forget(name);
            }
        }
    }
}
