using Sparkify.Core.Common;

namespace Sparkify.Core.Schedules;

/// <summary>Tells who looks at schedules that one of them has changed, or its time has come.</summary>
internal sealed class ScheduleChanges
{
    /// <summary>The warehouses whose schedules have.</summary>
    public Feed<string> Names { get; } = new();
}
