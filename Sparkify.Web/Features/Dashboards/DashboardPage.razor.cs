using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Dashboards;

/// <summary>A dashboard: reports under one set of filters, which stand in the address. Everybody sees the same one.</summary>
public sealed partial class DashboardPage
{
    private IReadOnlyList<Warehouse>? _all;
    private Dashboard? _dashboard;
    private PlayDays? _days;
    private (string, long?)? _daysOf;
    private string? _problem;
    private bool _arranging;
    private bool _missing;

    /// <summary>Answers reports.</summary>
    [Inject]
    public required IReports Reports { get; init; }

    /// <summary>Keeps dashboards.</summary>
    [Inject]
    public required IDashboards Dashboards { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Who changes it.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>Asks.</summary>
    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The dashboard in the address.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    // The address is read as a whole; naming one of its filters makes the router set parameters again whenever any of them changes.

    /// <summary>The warehouse in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    private DashboardQuery Query => DashboardQuery.From(Id, Nav.Uri);

    private Warehouse? Chosen => _all is null ? null : WarehousePicker.Choose(_all, Warehouse);

    private IEnumerable<ReportInfo> Infos => Reports.Catalogue.Where(r => _dashboard!.Tiles.Any(t => t.Report == r.Id));

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var changes = Own(Warehouses.Subscribe());
        var edits = Own(Dashboards.Subscribe());
        _all = await Warehouses.ListAsync(Life);
        await ReadAsync();
        Follow(changes, async _ =>
        {
            _all = await Warehouses.ListAsync(Life);
            await ReadDaysAsync();
        });
        Follow(edits, async ids =>
        {
            if (ids.Contains(Id, StringComparer.Ordinal))
            {
                await ReadAsync();
            }
        });
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_dashboard is { } shown && shown.Id != Id)
        {
            (_dashboard, _arranging, _problem) = (null, false, null);
            await ReadAsync();
        }
        else
        {
            await ReadDaysAsync();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            _dashboard = await Dashboards.GetAsync(Id, Life);
            _missing = false;
        }
        catch (SparkifyException ex) when (ex.Kind == ProblemKind.NotFound)
        {
            _missing = true;
        }

        await ReadDaysAsync();
    }

    private async Task ReadDaysAsync()
    {
        if (Chosen is not { State: WarehouseState.Available, PublishedAt: not null } warehouse
            || _daysOf == (warehouse.Name, warehouse.PublishedRun))
        {
            return;
        }

        try
        {
            _days = await Reports.DaysAsync(warehouse.Name, Life);
            _daysOf = (warehouse.Name, warehouse.PublishedRun);
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
    }

    private void Go(DashboardQuery query) => Nav.NavigateTo(query.ToUrl());

    private async Task RenameAsync()
    {
        if (await Dialogs.NameAsync("Rename the dashboard", _dashboard!.Name, "Rename", IDashboards.LongestName) is { } name)
        {
            await ChangeAsync(() => Dashboards.RenameAsync(Id, name, Who.Actor, Life));
        }
    }

    private async Task DeleteAsync()
    {
        if (await Dialogs.AskAsync(
            $"Delete {_dashboard!.Name}?", "Its reports stay where they are; how they are arranged here is gone for everybody.", "Delete it", "Keep it"))
        {
            await TryAsync(async () =>
            {
                await Dashboards.DeleteAsync(Id, Who.Actor, Life);
                Nav.NavigateTo("/reports");
            });
        }
    }

    private Task ChangeAsync(Func<Task<Dashboard>> change) => TryAsync(async () => _dashboard = await change());

    private async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            _problem = null;
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
    }
}
