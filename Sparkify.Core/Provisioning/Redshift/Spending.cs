using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What a cluster has cost this month against what it may.</summary>
/// <param name="Spent">US dollars this calendar month (UTC) so far, without storage.</param>
/// <param name="Limit">How many it may cost.</param>
public sealed record Spending(decimal Spent, decimal Limit)
{
    /// <summary>From which share of the limit on people are told, in percent.</summary>
    public const int WarningPercent = 80;

    /// <summary>Whether so much is spent that people are told.</summary>
    public bool Warns => Spent >= Limit * WarningPercent / 100;

    /// <summary>Whether the limit is reached.</summary>
    public bool Reached => Spent >= Limit;

    /// <summary>Reads it from the meter; none while there is no limit, and when the price is not known.</summary>
    public static Spending? Of(RedshiftSettings settings, ClusterCost cost, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(cost);
        return settings.MonthlyLimit is { } limit && cost.ThisMonth(now) is { } spent ? new Spending(spent, limit) : null;
    }
}
