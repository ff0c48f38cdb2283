using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Components.Layout;

/// <summary>What can be reached by its name: every word typed has to occur in it.</summary>
public sealed class PaletteSearch(
    IWarehouses warehouses, IRuns runs, IReports reports, ITables tables, ICurrentActor who, TimeProvider clock)
{
    private const int MostOfAGroup = 6;
    private const int RecentRuns = 100;

    private static readonly Found[] Pages =
    [
        new("Go to", "Home", Icons.Material.Rounded.SpaceDashboard, Href: "/"),
        new("Go to", "Warehouses", Icons.Material.Rounded.Storage, Href: "/warehouses"),
        new("Go to", "Reports", Icons.Material.Rounded.BarChart, Href: "/reports"),
        new("Go to", "Query", Icons.Material.Rounded.Terminal, Href: "/query"),
        new("Go to", "Runs", Icons.Material.Rounded.ViewTimeline, Href: "/runs"),
        new("Go to", "Schedules", Icons.Material.Rounded.Schedule, Href: "/schedules"),
        new("Go to", "New warehouse", Icons.Material.Rounded.Add, Href: "/warehouses/new"),
        new("Go to", "Jobs", Icons.Material.Rounded.Dns, "the queue behind the runs", "/jobs"),
        new("Go to", "Settings", Icons.Material.Rounded.Settings, Href: "/settings"),
    ];

    /// <summary>Reads what there is to find, once for every time the palette opens: what is typed asks the store for nothing.</summary>
    internal async Task<PaletteContents> ReadAsync(CancellationToken ct)
    {
        var all = await warehouses.ListAsync(ct);
        var latest = await runs.LatestAsync(ct);
        var history = (await runs.HistoryAsync(new RunFilter(Size: RecentRuns), ct)).Items;
        return new(
            [.. all.Select(w => Warehouse(w, latest)), .. all.Where(static w => w.State != WarehouseState.Removed).SelectMany(Commands)],
            history,
            all);
    }

    /// <summary>Finds what fits; without a word, what is most likely wanted. Only the number of an old run is asked for.</summary>
    internal async Task<IReadOnlyList<Found>> FindAsync(PaletteContents contents, string text, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var history = contents.Runs;
        if (words is [var word] && Url.Long(word.TrimStart('#')) is { } number && history.All(r => r.Id != number) &&
            await runs.FindAsync(number, ct) is { } old)
        {
            history = [old, .. history];
        }

        if (words.Length > 0)
        {
            contents.Named ??= [.. reports.Catalogue.Select(Report), .. await TablesAsync(contents.Warehouses, ct)];
        }

        var found = contents.First.Concat(history.Select(Run)).Concat(words.Length == 0 ? [] : contents.Named!).Concat(Pages.Where(May))
            .Where(f => Array.TrueForAll(words, w => Fits(f, w)))
            .OrderBy(f => Array.TrueForAll(words, w => f.Text.Contains(w, StringComparison.OrdinalIgnoreCase)) ? 0 : 1);
        return [.. found.GroupBy(static f => f.Group).SelectMany(static g => g.Take(MostOfAGroup))];
    }

    private bool May(Found page) => page.Href switch
    {
        "/query" => who.Actor.May(Right.Ask),
        "/jobs" => who.Actor.May(Right.Administer),
        "/warehouses/new" => who.Actor.May(Right.Engineer),
        _ => true,
    };

    private static bool Fits(Found found, string word) =>
        found.Text.Contains(word, StringComparison.OrdinalIgnoreCase)
            || found.Note?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;

    private Found Warehouse(Warehouse warehouse, IReadOnlyList<RunView> latest)
    {
        var own = latest.Where(r => r.Warehouse == warehouse.Name).OrderByDescending(static r => r.Id).ToList();
        return new(
            "Warehouses", warehouse.Name, Icons.Material.Rounded.Storage,
            StatusBadges.For(warehouse, own.FirstOrDefault(), own.Find(static r => r.Kind == RunKind.Load), clock.GetUtcNow()).Text,
            $"/warehouses/{warehouse.Name}");
    }

    private static Found Run(RunView run) => new(
        "Runs", $"{Format.Kind(run.Kind)} #{run.Id}, {run.Warehouse}", Icons.Material.Rounded.ViewTimeline,
        StatusBadges.For(run).Text, $"/runs/{run.Id}");

    private static Found Report(ReportInfo report) =>
        new("Reports", report.Title, Icons.Material.Rounded.BarChart, Href: $"/reports/{report.Id}");

    // All warehouses have the same tables: those of the one loaded last stand for all.
    private async Task<IEnumerable<Found>> TablesAsync(IReadOnlyList<Warehouse> all, CancellationToken ct)
    {
        var warehouse = all.Where(static w => w is { State: WarehouseState.Available, PublishedAt: not null })
            .MaxBy(static w => w.PublishedAt);
        return warehouse is null ? [] :
            from table in await tables.ListAsync(warehouse.Name, ct)
            from found in table.Columns.Select(c => Found($"{table.Table}.{c.Name}", c.Type)).Prepend(Found(table.Table, warehouse.Name))
            select found;

        Found Found(string text, string note) => new(
            "Tables", text, Icons.Material.Rounded.TableRows, note, WarehouseTabs.Href(warehouse.Name, WarehouseTab.Tables));
    }

    private IEnumerable<Found> Commands(Warehouse warehouse)
    {
        if (warehouse.State == WarehouseState.Available && who.Actor.May(RunKind.Load.Needs(), warehouse.Name))
        {
            yield return new(
                "Do", $"Load {warehouse.Name} now", Icons.Material.Rounded.PlayArrow,
                Do: ct => runs.StartAsync(warehouse.Name, RunKind.Load, who.Actor, ct));
        }

        if (warehouse.PublishedAt is not null && who.Actor.May(Right.Ask, warehouse.Name))
        {
            yield return new(
                "Do", $"Query {warehouse.Name}", Icons.Material.Rounded.Terminal, Href: Url.With("/query", ("warehouse", warehouse.Name)));
        }

        if (warehouse.PublishedAt is not null)
        {
            yield return new(
                "Do", $"Reports of {warehouse.Name}", Icons.Material.Rounded.BarChart,
                Href: Url.With("/reports", ("warehouse", warehouse.Name)));
        }
    }
}

/// <summary>What there is to find when the palette opens.</summary>
/// <param name="First">What comes first: warehouses, and what can be done with them.</param>
/// <param name="Runs">The latest runs.</param>
/// <param name="Warehouses">Whose tables can be found.</param>
internal sealed record PaletteContents(IReadOnlyList<Found> First, IReadOnlyList<RunView> Runs, IReadOnlyList<Warehouse> Warehouses)
{
    /// <summary>What is found by its name only: reports and tables. Read when the first word is typed.</summary>
    public IReadOnlyList<Found>? Named { get; set; }
}
