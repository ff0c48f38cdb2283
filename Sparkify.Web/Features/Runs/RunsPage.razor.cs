using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Runs;

/// <summary>The history of runs. Filters and page number live in the address; changes arrive by themselves.</summary>
public sealed partial class RunsPage
{
    private static readonly RunKind[] Kinds = Enum.GetValues<RunKind>();
    private readonly LatestRequest _newest = new();
    private readonly Dictionary<long, RunState> _seen = [];
    private RunsQuery _query = RunsQuery.From(null, null, null, null);
    private RunsQuery? _shown;
    private Page<RunView>? _page;
    private IReadOnlyList<string> _names = [];

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The warehouse in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    /// <summary>The kind in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    /// <summary>The state in the address.</summary>
    [SupplyParameterFromQuery]
    public string? State { get; set; }

    /// <summary>The page number in the address.</summary>
    [SupplyParameterFromQuery]
    public int? Page { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Own(_newest);
        var changes = Own(Runs.Subscribe());
        _names = [.. (await Warehouses.ListAsync(Life)).Select(w => w.Name)];
        Follow(changes, ApplyAsync);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _query = RunsQuery.From(Warehouse, Kind, State, Page);
        if (_query != _shown)
        {
            _shown = _query;
            await ReadAsync();
        }
    }

    private static string? Chosen(ChangeEventArgs e) => e.Value as string is { Length: > 0 } word ? word : null;

    private void Go(RunsQuery query) => Nav.NavigateTo(query.ToUrl());

    private async Task ReadAsync()
    {
        try
        {
            var token = _newest.Next(Life);
            _page = await Runs.HistoryAsync(_query.ToFilter(), token);
        }
        catch (OperationCanceledException)
        {
            // A newer question is on its way.
        }
    }

    /// <summary>A run on this page is replaced where it stands; a run that starts or changes state may change who is on the page.</summary>
    private async Task ApplyAsync(IReadOnlyList<RunView> changes)
    {
        // Progress alone never changes who is on the page; asking the store for each of it would be polling by another name.
        var moved = false;
        foreach (var change in changes)
        {
            moved |= !_seen.TryGetValue(change.Id, out var old) || old != change.State;
            _seen[change.Id] = change.State;
        }

        if (moved)
        {
            await ReadAsync();
            return;
        }

        if (_page is null)
        {
            return;
        }

        var known = _page.Items.ToDictionary(r => r.Id);
        foreach (var change in changes)
        {
            if (known.TryGetValue(change.Id, out var old) && change.IsNewerThan(old))
            {
                known[change.Id] = change;
            }
        }

        _page = _page with { Items = [.. _page.Items.Select(r => known[r.Id])] };
    }
}
