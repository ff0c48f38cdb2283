using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Live;

/// <summary>Shows all warehouses with their latest runs and their loads, and follows what becomes of them.</summary>
public abstract class WarehousesComponent : LiveComponent
{
    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>All warehouses by their names; none before they are known.</summary>
    protected SortedDictionary<string, Warehouse>? All { get; private set; }

    /// <summary>The runs that are known.</summary>
    protected RunCache Known { get; } = new();

    /// <summary>How many of the latest loads of all warehouses are read at first.</summary>
    protected abstract int LoadsRead { get; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var named = Own(Warehouses.Subscribe());
        var runs = Own(Runs.Subscribe());
        Known.Apply(await Runs.LatestAsync(Life));
        Known.Apply((await Runs.HistoryAsync(new RunFilter(Kind: RunKind.Load, Size: LoadsRead), Life)).Items);
        var all = await Warehouses.ListAsync(Life);
        All = new(all.ToDictionary(static w => w.Name, StringComparer.Ordinal), StringComparer.Ordinal);
        Look();
        Every(TimeSpan.FromMinutes(1), static () => true); // what is fresh grows old without anybody saying so
        Follow(named, ReadAgainAsync);
        Follow(runs, changes =>
        {
            Known.Apply(changes);
            Look();
        });
    }

    /// <summary>Looks at what is known now: first when all is read, then after every change.</summary>
    protected virtual void Look()
    {
    }

    /// <summary>The latest loads of a warehouse, oldest first.</summary>
    protected IReadOnlyList<RunView> Loads(string warehouse, int most) =>
        [.. Known.Recent(int.MaxValue, warehouse).Where(static r => r.Kind == RunKind.Load).Take(most).Reverse()];

    private async Task ReadAgainAsync(IReadOnlyList<string> names)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            if (await Warehouses.FindAsync(name, Life) is { } warehouse)
            {
                All![name] = warehouse;
            }
            else
            {
                All!.Remove(name);
                Known.Forget(name);
            }
        }

        Look();
    }
}
