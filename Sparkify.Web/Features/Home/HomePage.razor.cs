using Microsoft.AspNetCore.Components;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Home;

/// <summary>What needs a person first, then how the chosen warehouse does; filling while its first load runs.</summary>
public sealed partial class HomePage
{
    private const int LoadsShown = 30;
    private const int LoadsRead = 300;
    private readonly RunCache _runs = new();
    private SortedDictionary<string, Warehouse>? _warehouses;
    private IReadOnlyList<Need> _needs = [];
    private ReportTrust? _trust;

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>The warehouse in the address; none for the one loaded last.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    private Warehouse? Chosen => WarehousePicker.Choose([.. _warehouses?.Values ?? Enumerable.Empty<Warehouse>()], Warehouse)
        ?? _warehouses?.Values.FirstOrDefault();

    // Whoever has nothing of their own yet is shown the ways to it.
    private bool OnlyTheSample => _warehouses!.Values.All(static w => w.Source is SampleSource);

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var named = Own(Warehouses.Subscribe());
        var runs = Own(Runs.Subscribe());
        _runs.Apply(await Runs.LatestAsync(Life));
        _runs.Apply((await Runs.HistoryAsync(new RunFilter(Kind: RunKind.Load, Size: LoadsRead), Life)).Items);
        var all = await Warehouses.ListAsync(Life);
        _warehouses = new(all.ToDictionary(static w => w.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        Look();
        Follow(named, ReadAgainAsync);
        Follow(runs, changes =>
        {
            _runs.Apply(changes);
            Look();
        });
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _trust = null;

    private static string Nothing(Warehouse warehouse) => warehouse.State switch
    {
        WarehouseState.Defined => "Nothing of it exists yet",
        WarehouseState.Available => "No loads yet",
        WarehouseState.Paused => "Its cluster is paused",
        _ => "It was torn down",
    };

    private static string Hint(Warehouse warehouse) => warehouse.State switch
    {
        WarehouseState.Defined => "Provisioning makes what it needs.",
        WarehouseState.Available => "The first load fills the reports.",
        WarehouseState.Paused => "It keeps its data and costs only storage. Reports come back once it is resumed.",
        _ => "Nothing is left of it, and that was proved.",
    };

    private IReadOnlyList<RunView> Loads(string warehouse) =>
        [.. _runs.Recent(int.MaxValue, warehouse).Where(static r => r.Kind == RunKind.Load).Take(LoadsShown).Reverse()];

    private void Look() => _needs = Need.Of(_warehouses!.Values, _runs);

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

        Look();
    }
}
