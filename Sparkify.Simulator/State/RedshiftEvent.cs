using System.Globalization;

namespace Sparkify.Simulator.State;

/// <summary>Something that happened to a cluster, a snapshot or a parameter group, under Redshift's number for it.</summary>
internal sealed record RedshiftEvent(string Source, string SourceType, string Id, string Category, string Message, DateTimeOffset At)
{
    /// <summary>How long they are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(14);

    /// <summary>A moment as the messages say it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
