using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Overview;

/// <summary>Every warehouse at a glance, and what is running now.</summary>
public sealed partial class OverviewPage
{
    private const int RecentRuns = 8;
    private readonly RunCache _runs = new();
    private SortedDictionary<string, Warehouse>? _warehouses;

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var named = Own(Warehouses.Subscribe());
        var runs = Own(Runs.Subscribe());
        _runs.Apply(await Runs.LatestAsync(Life));
        _runs.Apply((await Runs.HistoryAsync(new RunFilter(Size: RecentRuns), Life)).Items);
        var all = await Warehouses.ListAsync(Life);
        _warehouses = new(all.ToDictionary(w => w.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        Follow(named, ReadAgainAsync);
        Follow(runs, changes => _runs.Apply(changes));
    }

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

    private RunView? LastLoad(Warehouse warehouse) =>
        warehouse.PublishedRun is { } run ? _runs.Find(run) : null;
}
