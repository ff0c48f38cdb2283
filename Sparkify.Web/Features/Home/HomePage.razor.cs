using Microsoft.AspNetCore.Components;
using Sparkify.Core.Reports;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Home;

/// <summary>What needs a person first, then how the chosen warehouse does; filling while its first load runs.</summary>
public sealed partial class HomePage
{
    private const int LoadsShown = 30;
    private IReadOnlyList<Need> _needs = [];
    private ReportTrust? _trust;

    /// <summary>The warehouse in the address; none for the one loaded last.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    private Warehouse? Chosen => WarehousePicker.Choose([.. All?.Values ?? Enumerable.Empty<Warehouse>()], Warehouse)
        ?? All?.Values.FirstOrDefault();

    // Whoever has nothing of their own yet is shown the ways to it.
    private bool OnlyTheSample => All!.Values.All(static w => w.Source is SampleSource);

    /// <inheritdoc/>
    protected override int LoadsRead => 300;

    /// <inheritdoc/>
    protected override void OnParametersSet() => _trust = null;

    /// <inheritdoc/>
    protected override void Look() => _needs = Need.Of(All!.Values, Known);

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
}
