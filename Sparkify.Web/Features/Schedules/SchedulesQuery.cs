using System.Diagnostics;
using Sparkify.Core.Schedules;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Schedules;

/// <summary>Which schedules a page lists.</summary>
public enum ScheduleChoice
{
    /// <summary>Those whose latest time got no run.</summary>
    Trouble,

    /// <summary>Those that are paused.</summary>
    Paused,
}

/// <summary>The filters of the schedules, as they stand in the address.</summary>
/// <param name="Text">Words of name, warehouse or person.</param>
/// <param name="Warehouse">The warehouse.</param>
/// <param name="Only">Which of them.</param>
public sealed record SchedulesQuery(string? Text, string? Warehouse, ScheduleChoice? Only)
{
    /// <summary>Whether anything narrows the list.</summary>
    public bool Narrowed => Text is not null || Warehouse is not null || Only is not null;

    /// <summary>Reads them from an address; what makes no sense there means no filter.</summary>
    public static SchedulesQuery Parse(string? text, string? warehouse, string? only) => new(
        string.IsNullOrWhiteSpace(text) ? null : text, string.IsNullOrWhiteSpace(warehouse) ? null : warehouse,
        Url.Enum<ScheduleChoice>(only));

    /// <summary>The address that shows this.</summary>
    public string ToUrl() => Url.With(
        "/schedules", ("text", Text), ("warehouse", Warehouse), ("only", Only is { } only ? Format.Slug(only) : null));

    /// <summary>Whether a schedule is in the list, whatever its choice.</summary>
    public bool Fits(Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return schedule.Has(Text) && (Warehouse is null || schedule.Warehouse == Warehouse);
    }

    /// <summary>Whether a schedule is among those of a choice; of none, all are.</summary>
    public static bool IsAmong(ScheduleChoice? only, Schedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return only switch
        {
            null => true,
            ScheduleChoice.Paused => schedule.Paused,
            ScheduleChoice.Trouble => schedule.Last is { } last && StatusBadges.For(last).Tone is Tone.Warn or Tone.Bad,
            _ => throw new UnreachableException($"Nobody has said which {only} are."),
        };
    }
}
