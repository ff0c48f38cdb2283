namespace Sparkify.Core.Runs;

/// <summary>The times at which something is to be woken: what a feature keeps is the truth, and the job queue's plan follows it.</summary>
internal interface IWakeUps
{
    /// <summary>Says that the times have changed; the plan follows in a moment.</summary>
    void Changed();
}

/// <summary>What is woken at times that people choose. The feature that has them brings it.</summary>
internal interface IWoken
{
    /// <summary>All times as they are now.</summary>
    Task<IReadOnlyList<WakeUp>> TimesAsync(CancellationToken ct);

    /// <summary>A time has come. Delivered at least once, so what it starts is claimed in the store.</summary>
    Task WakeAsync(long id, CancellationToken ct);
}

/// <summary>Times at which something is woken.</summary>
/// <param name="Id">What is woken.</param>
/// <param name="Cron">When, in the five fields of cron.</param>
/// <param name="Zone">In which time zone.</param>
internal sealed record WakeUp(long Id, string Cron, TimeZoneInfo Zone);
