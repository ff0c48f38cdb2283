using Microsoft.AspNetCore.Components;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Home;

/// <summary>What needs a person first, then how the chosen warehouse does; filling while its first load runs.</summary>
public sealed partial class HomePage
{
    private const int LoadsShown = 30;
    private IReadOnlyList<Need> _needs = [];
    private (ReportTrust? Trust, PlayDays? Days)? _ground; // what the figures stand on, once it was read
    private string? _about;

    /// <summary>The warehouse in the address; none for the one loaded last.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    /// <summary>The first day of the figures in the address.</summary>
    [SupplyParameterFromQuery]
    public string? From { get; set; }

    /// <summary>The last day of the figures in the address.</summary>
    [SupplyParameterFromQuery]
    public string? To { get; set; }

    /// <summary>How many of the last days of the data the figures are about, in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Last { get; set; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    private DaysChosen Chose => DaysChosen.Read(From, To, Last);

    private Warehouse? Chosen => WarehousePicker.Choose([.. All?.Values ?? Enumerable.Empty<Warehouse>()], Warehouse)
        ?? All?.Values.FirstOrDefault();

    // Whoever has nothing of their own yet is shown the ways to it.
    private bool OnlyTheSample => All!.Values.All(static w => w.Source is SampleSource);

    /// <inheritdoc/>
    protected override int LoadsRead => 300;

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (_about != Warehouse)
        {
            (_about, _ground) = (Warehouse, null);
        }
    }

    /// <inheritdoc/>
    protected override void Look() => _needs = Need.Of(All!.Values, Known);

    private void Go(DaysChosen days) => Nav.NavigateTo(Url.With("/", [("warehouse", Warehouse), .. days.Words]));

    private static string Nothing(Warehouse warehouse, RunView? load) => warehouse.State switch
    {
        WarehouseState.Defined => "Nothing of it exists yet",
        WarehouseState.Available => load is null ? "No loads yet" : "Nothing is published yet",
        WarehouseState.Paused => "Its cluster is paused",
        _ => "It was torn down",
    };

    private static string Hint(Warehouse warehouse) => warehouse.State switch
    {
        WarehouseState.Defined => "Provisioning makes what it needs.",
        WarehouseState.Available => "The first load that succeeds fills this page.",
        WarehouseState.Paused => "It keeps its data and costs only storage. Reports come back once it is resumed.",
        _ => "Nothing is left of it, and that was proved.",
    };
}
