using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>The history of runs. Filters and page number live in the address; changes arrive by themselves.</summary>
public sealed partial class RunsPage
{
    private static readonly RunKind[] Kinds = Enum.GetValues<RunKind>();
    private readonly LatestRequest _newest = new();
    private readonly Dictionary<long, RunState> _seen = [];
    private RunsQuery _query = RunsQuery.Parse(null, null, null, null);
    private RunsQuery? _shown;
    private Page<RunView>? _page;
    private readonly HashSet<RunColumn> _hidden = [];
    private SortedDictionary<string, Warehouse> _warehouses = [];
    private IReadOnlyList<Warehouse> _startable = [];
    private RunTally? _tally;
    private DateRange? _days;
    private CommandResult? _refused;

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>The browser's zone.</summary>
    [Inject]
    public required BrowserClock Browser { get; init; }

    /// <summary>The browser.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>Runs what is asked for.</summary>
    [Inject]
    public required Commands Commands { get; init; }

    /// <summary>Who acts.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

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

    /// <summary>The text in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Text { get; set; }

    /// <summary>The first day in the address.</summary>
    [SupplyParameterFromQuery]
    public string? From { get; set; }

    /// <summary>The last day in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Until { get; set; }

    /// <summary>Whether the address asks for runs with rejects only.</summary>
    [SupplyParameterFromQuery]
    public bool Rejects { get; set; }

    /// <summary>The order in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Order { get; set; }

    /// <summary>The page number in the address.</summary>
    [SupplyParameterFromQuery]
    public int? Page { get; set; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Own(_newest);
        var changes = Own(Runs.Subscribe());
        _warehouses = new((await Warehouses.ListAsync(Life)).ToDictionary(static w => w.Name, StringComparer.Ordinal),
            StringComparer.Ordinal);
        _startable = [.. _warehouses.Values.Where(static w => w.State is WarehouseState.Defined or WarehouseState.Available)
            .Where(w => Who.Actor.May((w.State == WarehouseState.Defined ? RunKind.Provision : RunKind.Load).Needs(), w.Name))];
        Follow(changes, ApplyAsync);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _query = RunsQuery.Parse(Warehouse, Kind, State, Page) with
        {
            Text = string.IsNullOrWhiteSpace(Text) ? null : Text,
            From = RunsQuery.Day(From),
            Until = RunsQuery.Day(Until),
            Rejects = Rejects,
            Order = Url.Enum<RunOrder>(Order) ?? RunOrder.Newest,
        };
        _days = new DateRange(_query.From?.ToDateTime(TimeOnly.MinValue), _query.Until?.ToDateTime(TimeOnly.MinValue));
        if (_query != _shown)
        {
            _shown = _query;
            await ReadAsync();
        }
    }

    private IEnumerable<string> Names => _warehouses.Keys;

    private IReadOnlyList<RunState> States => [.. Enum.GetValues<RunState>().Where(s => Tally(s) > 0 || s == _query.State)];

    private string? Summary => _tally is null ? null : string.Join(
        ", ",
        new[]
        {
            Format.Count(_tally.All), Tally(RunState.Running) is > 0 and var running ? $"{Format.Count(running)} running" : null,
            Tally(RunState.NeedsDecision) is > 0 and var asking ? $"{Format.Count(asking)} {(asking == 1 ? "waits" : "wait")} for you" : null,
        }.OfType<string>());

    private static BadgeLook WithRejects { get; } = new("With rejects", Tone.Warn, Icons.Material.Rounded.WarningAmber);

    private long Tally(RunState state) => _tally?.States.GetValueOrDefault(state) ?? 0;

    private void Go(RunsQuery query) => Nav.NavigateTo((query with { Page = 1 }).ToUrl());

    private async Task FindAsync(string text) => await Js.FollowAsync(
        (_query with { Text = string.IsNullOrWhiteSpace(text) ? null : text, Page = 1 }).ToUrl(), Life);

    private void GoDays(DateRange? days) => Go(_query with { From = Day(days?.Start), Until = Day(days?.End) });

    private static DateOnly? Day(DateTime? moment) => moment is { } at ? DateOnly.FromDateTime(at) : null;

    private void Turn(RunColumn column)
    {
        if (!_hidden.Remove(column))
        {
            _hidden.Add(column);
        }
    }

    private async Task StartAsync(Warehouse warehouse)
    {
        RunView? run = null;
        _refused = await Commands.RunAsync($"start:{warehouse.Name}", async ct => run = await Runs.StartAsync(
            warehouse.Name, warehouse.State == WarehouseState.Defined ? RunKind.Provision : RunKind.Load, Who.Actor, ct));
        if (run is not null)
        {
            Nav.NavigateTo($"/runs/{run.Id}");
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            var token = _newest.Next(Life);
            var filter = _query.ToFilter(Browser);
            var tally = await LatestRequest.TakeAsync(Runs.TallyAsync(filter, token), token);
            (_page, _tally) = (await LatestRequest.TakeAsync(Runs.HistoryAsync(filter, token), token), tally);
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
