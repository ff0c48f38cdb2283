using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Rejects;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Warehouses;

/// <summary>One warehouse with its tabs; what changes arrives by itself, whichever tab is open.</summary>
public sealed partial class WarehouseScreen
{
    private const int History = 25;
    private readonly RunCache _runs = new();
    private Warehouse? _warehouse;
    private bool _missing;

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>The warehouse's name.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>The open tab.</summary>
    [Parameter, EditorRequired]
    public required WarehouseTab Tab { get; set; }

    /// <summary>What the rejects tab shows.</summary>
    [Parameter, EditorRequired]
    public required RejectsQuery Rejects { get; set; }

    // A check of the files leaves rejects, too; it is shown among the loads when it is asked for.
    private IReadOnlyList<RunView> Loads =>
        [.. _runs.Recent(History, Name).Where(r => r.Kind == RunKind.Load || (r.Kind == RunKind.Check && r.Id == Rejects.Run))];

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var named = Own(Warehouses.Subscribe());
        var runs = Own(Runs.Subscribe());
        _runs.Apply((await Runs.LatestAsync(Life)).Where(r => r.Warehouse == Name));
        _runs.Apply((await Runs.HistoryAsync(new RunFilter(Name, Size: History), Life)).Items);
        await ReadAsync();
        Every(TimeSpan.FromMinutes(1), static () => true); // what is fresh grows old without anybody saying so
        Follow(named, names => names.Contains(Name, StringComparer.Ordinal) ? ReadAsync() : Task.CompletedTask);
        Follow(runs, changes => _runs.Apply(changes.Where(r => r.Warehouse == Name)));
    }

    private async Task ReadAsync()
    {
        _warehouse = await Warehouses.FindAsync(Name, Life);
        _missing = _warehouse is null;
    }
}
