namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What a cluster costs while it runs.</summary>
/// <param name="PerHour">US dollars an hour, all nodes; storage and snapshots come on top.</param>
/// <param name="AsOf">The day the price was read.</param>
/// <param name="Exact">Whether it was read for this very region; else it is another region's and only a guide.</param>
public sealed record RedshiftPrice(decimal PerHour, DateOnly AsOf, bool Exact)
{
    private const int HoursInAMonth = 730;

    /// <summary>If left running for a day.</summary>
    public decimal PerDay => PerHour * 24;

    /// <summary>If left running for a month.</summary>
    public decimal PerMonth => PerHour * HoursInAMonth;

    /// <summary>For a time of running.</summary>
    public decimal For(TimeSpan running) => Math.Round(PerHour * (decimal)running.TotalHours, 2);

    /// <summary>The price as a sentence.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{(Exact ? "" : "about ")}${PerHour:0.00##} an hour (${PerDay:0.00} a day, ${PerMonth:0} a month if left running; prices of {AsOf:yyyy-MM-dd})");
}

/// <summary>On-demand prices per node and hour, read from AWS's public price list for us-west-2 and us-east-1.</summary>
public static class RedshiftPrices
{
    /// <summary>The day the table was read.</summary>
    public static DateOnly AsOf { get; } = new(2026, 10, 1);

    /// <summary>
    /// Managed storage, US dollars per gigabyte and month; it costs while a cluster is paused, too. What snapshots cost is close to it.
    /// </summary>
    public static decimal StoragePerGigabyteMonth { get; } = 0.024m;

    private static readonly Dictionary<string, decimal> PerNodeHour = new(StringComparer.Ordinal)
    {
        ["ra3.large"] = 0.543m,
        ["ra3.xlplus"] = 1.086m,
        ["ra3.4xlarge"] = 3.26m,
        ["ra3.16xlarge"] = 13.04m,
        ["rg.large"] = 0.3801m,
        ["rg.xlarge"] = 0.7602m,
        ["rg.4xlarge"] = 3.04267m,
        ["rg.12xlarge"] = 9.128m,
    };

    // The pairs the list was read for; elsewhere the same node type costs a little more or less.
    private static readonly HashSet<(string Region, string Node)> Read =
    [
        ("us-west-2", "ra3.large"), ("us-west-2", "ra3.4xlarge"),
        ("us-east-1", "ra3.large"), ("us-east-1", "ra3.xlplus"), ("us-east-1", "ra3.4xlarge"), ("us-east-1", "ra3.16xlarge"),
        ("us-east-1", "rg.large"), ("us-east-1", "rg.xlarge"), ("us-east-1", "rg.4xlarge"), ("us-east-1", "rg.12xlarge"),
    ];

    /// <summary>The node types the table knows.</summary>
    public static IReadOnlyCollection<string> NodeTypes => PerNodeHour.Keys;

    /// <summary>The price of a cluster, or none when its node type is not in the table or it has no nodes: unknown is not free.</summary>
    public static RedshiftPrice? Of(string nodeType, int nodes, string region) =>
        nodes > 0 && PerNodeHour.TryGetValue(nodeType, out var perNode)
        ? new RedshiftPrice(perNode * nodes, AsOf, Read.Contains((region, nodeType)))
        : null;
}
