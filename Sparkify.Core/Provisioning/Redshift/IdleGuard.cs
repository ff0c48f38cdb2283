using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What the guard wants just now.</summary>
/// <param name="Act">Whether its time has come.</param>
/// <param name="Warn">Whether it will come soon and people should hear of it.</param>
/// <param name="At">When it comes, unless the warehouse is used before; none when the guard is off.</param>
public sealed record IdleVerdict(bool Act, bool Warn, DateTimeOffset? At)
{
    /// <summary>What it does then: it pauses the cluster, or tears the warehouse down.</summary>
    public RunKind Does { get; init; } = RunKind.Pause;
}

/// <summary>
/// Decides when a cluster nobody uses is stopped. It keeps nothing: the last use is in the store, so a restart of the
/// application changes no verdict.
/// </summary>
public static class IdleGuard
{
    /// <summary>How long before it acts people are told.</summary>
    public static TimeSpan Warning { get; } = TimeSpan.FromMinutes(10);

    /// <summary>The verdict on a running cluster whose last load or query ended at <paramref name="lastUse"/>.</summary>
    public static IdleVerdict Judge(RedshiftSettings settings, DateTimeOffset lastUse, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.WhenIdle == IdleAction.Nothing)
        {
            return new IdleVerdict(Act: false, Warn: false, At: null);
        }

        var idle = lastUse + settings.IdleLimit;
        var at = settings.KeepUntil is { } promised && promised > idle ? promised : idle;
        return new IdleVerdict(now >= at, now < at && now >= at - Warning, at);
    }
}
