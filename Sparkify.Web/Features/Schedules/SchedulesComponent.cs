using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Schedules;

/// <summary>Shows schedules, and follows what becomes of them and of the runs they started.</summary>
public abstract class SchedulesComponent : LiveComponent
{
    // "In 3 hours" goes on without anybody saying so.
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(1);

    /// <summary>Where schedules are.</summary>
    [Inject]
    public required ISchedules Schedules { get; init; }

    /// <summary>Where runs are shown.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>The schedules, the next due first; none before they are known.</summary>
    protected IReadOnlyList<Schedule>? All { get; private set; }

    /// <summary>The warehouse whose schedules they are; none for all of them.</summary>
    protected abstract string? Of { get; }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var changes = Own(Schedules.Subscribe());
        var runs = Own(Runs.Subscribe());
        await ReadAsync();
        Follow(changes, names => Of is null || names.Contains(Of, StringComparer.Ordinal) ? ReadAsync() : Task.CompletedTask);
        Follow(runs, changed => All!.Any(s => s.Last is { Run: { } run } last && changed.Any(r => r.Id == run && r.State != last.RunState))
            ? ReadAsync() : Task.CompletedTask);
        Every(Tick, TickAsync);
    }

    // While the database is away the page keeps what it shows.
    private async Task TickAsync()
    {
        try
        {
            await ReadAsync();
        }
        catch (DatabaseFaultException)
        {
            // Read again with the next tick.
        }
    }

    private async Task ReadAsync() => All = Of is { } warehouse
        ? await Schedules.ListAsync(warehouse, Life) : await Schedules.AllAsync(Life);
}
