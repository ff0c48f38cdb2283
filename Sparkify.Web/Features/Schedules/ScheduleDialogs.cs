using MudBlazor;
using Sparkify.Core.Schedules;

namespace Sparkify.Web.Features.Schedules;

/// <summary>Asks what a schedule is to be.</summary>
internal static class ScheduleDialogs
{
    /// <summary>Opens the dialog that adds a schedule, or changes one; it keeps what was said by itself.</summary>
    /// <param name="dialogs">Where dialogs are.</param>
    /// <param name="warehouses">The warehouses to choose from.</param>
    /// <param name="schedule">The schedule to change; none to add one.</param>
    public static Task ScheduleAsync(this IDialogService dialogs, IReadOnlyList<string> warehouses, Schedule? schedule) =>
        dialogs.ShowAsync<ScheduleDialog>(
            schedule is null ? "Add a schedule" : "Change the schedule",
            new DialogParameters<ScheduleDialog> { { d => d.Warehouses, warehouses }, { d => d.Schedule, schedule } },
            new DialogOptions { MaxWidth = MaxWidth.Small, FullWidth = true, CloseOnEscapeKey = true });
}
