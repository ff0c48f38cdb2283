using Microsoft.AspNetCore.Components;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Live;

/// <summary>Shows something of the published star, and reads it again whenever another one is published.</summary>
public abstract class PublishedComponent : LiveComponent
{
    private (string Name, WarehouseState State, DateTimeOffset? Published, long? Run)? _read;

    /// <summary>The warehouse.</summary>
    [Parameter, EditorRequired]
    public required Warehouse Warehouse { get; set; }

    /// <summary>Whether there is a star to read.</summary>
    protected bool Published => Warehouse is { State: WarehouseState.Available, PublishedAt: not null };

    /// <summary>Whether the first answer is there.</summary>
    protected bool Known { get; private set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var now = (Warehouse.Name, Warehouse.State, Warehouse.PublishedAt, Warehouse.PublishedRun);
        if (_read == now)
        {
            return;
        }

        _read = now;
        await ReadNowAsync();
    }

    /// <summary>Reads again, and knows the answer unless a newer question cut this one off.</summary>
    protected async Task ReadNowAsync()
    {
        try
        {
            await ReadAsync(Life);
            Known = true;
        }
        catch (OperationCanceledException)
        {
            // Something newer is asked, or the page was left.
        }
    }

    /// <summary>Reads what is shown; whoever is cut off lets the cancellation through.</summary>
    protected abstract Task ReadAsync(CancellationToken ct);
}
