using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Schedules;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Schedules;

/// <summary>The schedules of all warehouses, the next due first. Filters live in the address; changes arrive by themselves.</summary>
public sealed partial class SchedulesPage
{
    private static readonly (ScheduleChoice Choice, BadgeLook Look)[] Choices =
    [
        (ScheduleChoice.Trouble, new("Needs a look", Tone.Warn, Icons.Material.Rounded.WarningAmber)),
        (ScheduleChoice.Paused, new("Paused", Tone.Neutral, Icons.Material.Rounded.PauseCircleOutline)),
    ];

    private SchedulesQuery _query = SchedulesQuery.Parse(null, null, null);
    private IReadOnlyList<string> _names = [];

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Who looks.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Asks what is to be added.</summary>
    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>The browser.</summary>
    [Inject]
    public required IJSRuntime Js { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The text in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Text { get; set; }

    /// <summary>The warehouse in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Warehouse { get; set; }

    /// <summary>Which of them, in the address.</summary>
    [SupplyParameterFromQuery]
    public string? Only { get; set; }

    /// <inheritdoc/>
    protected override string? Of => null;

    private IEnumerable<string> Known => (All ?? []).Select(static s => s.Warehouse).Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    private IReadOnlyList<Schedule> Shown =>
        [.. (All ?? []).Where(_query.Fits).Where(s => SchedulesQuery.IsAmong(_query.Only, s))];

    private string? Summary => All is not { Count: > 0 } all ? null
        : all[0].Next is [var next, ..] ? $"{Format.Count(all.Count)}, the next one {next.Away}"
        : $"{Format.Count(all.Count)}, all paused";

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _names = [.. (await Warehouses.ListAsync(Life)).Where(static w => w.State != WarehouseState.Removed)
            .Select(static w => w.Name).Where(name => Who.Actor.May(Right.Operate, name))];
        await base.OnInitializedAsync();
    }

    /// <inheritdoc/>
    protected override void OnParametersSet() => _query = SchedulesQuery.Parse(Text, Warehouse, Only);

    private int Count(ScheduleChoice? choice) => (All ?? []).Count(s => _query.Fits(s) && SchedulesQuery.IsAmong(choice, s));

    private void Go(SchedulesQuery query) => Nav.NavigateTo(query.ToUrl());

    private async Task FindAsync(string text) => await Js.FollowAsync(
        (_query with { Text = string.IsNullOrWhiteSpace(text) ? null : text }).ToUrl(), Life);

    private Task AddAsync() => Dialogs.ScheduleAsync(_names, schedule: null);
}
