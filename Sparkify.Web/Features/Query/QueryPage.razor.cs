using Microsoft.AspNetCore.Components;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>Ad-hoc SQL, as somebody who can only read.</summary>
public sealed partial class QueryPage
{
    private IReadOnlyList<Warehouse>? _all;
    private IReadOnlyList<TableInfo>? _tables;
    private (string, long?)? _read;

    /// <summary>Knows the tables.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Who asks.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The warehouse in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    /// <summary>SQL that a link brings along.</summary>
    [SupplyParameterFromQuery]
    public string? Sql { get; set; }

    /// <summary>The saved query that a link leads to.</summary>
    [SupplyParameterFromQuery]
    public string? Saved { get; set; }

    /// <summary>How a result is shown.</summary>
    [SupplyParameterFromQuery]
    public string? View { get; set; }

    private Warehouse? Chosen => _all is null ? null : WarehousePicker.Choose(_all, Warehouse);

    private bool Readable => Chosen is { State: WarehouseState.Available, PublishedAt: not null };

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var changes = Own(Warehouses.Subscribe());
        _all = await AskableAsync();
        await ReadAsync();
        Follow(changes, async _ =>
        {
            _all = await AskableAsync();
            await ReadAsync();
        });
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_all is not null)
        {
            await ReadAsync();
        }
    }

    private async Task<IReadOnlyList<Warehouse>> AskableAsync() =>
        [.. (await Warehouses.ListAsync(Life)).Where(w => Who.Actor.May(Right.Ask, w.Name))];

    private async Task ReadAsync()
    {
        if (Chosen is { } warehouse && _read != (warehouse.Name, warehouse.PublishedRun))
        {
            _read = (warehouse.Name, warehouse.PublishedRun);
            _tables = await Tables.ListAsync(warehouse.Name, Life);
        }
    }
}
