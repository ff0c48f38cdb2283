using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What can be had in a region just now, for whoever chooses a cluster.</summary>
/// <param name="Account">The account's number; none when the endpoint does not tell.</param>
/// <param name="Caller">As whom AWS is called; none likewise.</param>
/// <param name="Region">The region looked at.</param>
/// <param name="Simulated">Whether the simulator stands in for AWS.</param>
/// <param name="Regions">The regions the account has; only the one looked at when they cannot be listed.</param>
/// <param name="CallerRange">
/// This machine's own address as a range, which is let in unless another is given; none when it could not be found out.
/// </param>
/// <param name="Nodes">The node types, cheapest first.</param>
/// <param name="NodesAreLive">Whether the node types were read from AWS; else they are those of the price table.</param>
/// <param name="PricesAsOf">The day the prices were read.</param>
/// <param name="Networks">The virtual networks with their subnets.</param>
public sealed record RedshiftOffers(
    string? Account, string? Caller, string Region, bool Simulated, IReadOnlyList<string> Regions, string? CallerRange,
    IReadOnlyList<NodeOffer> Nodes, bool NodesAreLive, DateOnly PricesAsOf, IReadOnlyList<NetworkOffer> Networks)
{
    /// <summary>What could not be read; it can be given by hand.</summary>
    public IReadOnlyList<MissingOffer> Missing { get; init; } = [];

    /// <summary>Why a part could not be read; none when it was.</summary>
    public string? WhyNo(OfferPart part) => Missing.FirstOrDefault(m => m.Part == part)?.Why;
}

/// <summary>A part of what can be had.</summary>
public enum OfferPart
{
    /// <summary>Account and caller.</summary>
    Identity,

    /// <summary>The regions.</summary>
    Regions,

    /// <summary>This machine's own address.</summary>
    Address,

    /// <summary>The node types.</summary>
    Nodes,

    /// <summary>The virtual networks, and their subnets.</summary>
    Networks,
}

/// <summary>A part that could not be read.</summary>
/// <param name="Part">Which.</param>
/// <param name="Why">Why, as a sentence.</param>
public sealed record MissingOffer(OfferPart Part, string Why);

/// <summary>A node type that can be ordered.</summary>
/// <param name="NodeType">Its name.</param>
/// <param name="SingleNode">Whether a cluster of one node can be ordered.</param>
/// <param name="MultiNode">Whether a cluster of several can.</param>
/// <param name="Price">What one node costs; none when it is not in the table.</param>
public sealed record NodeOffer(string NodeType, bool SingleNode, bool MultiNode, RedshiftPrice? Price);

/// <summary>A virtual network a cluster can stand in.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Cidr">Its range of addresses.</param>
/// <param name="IsDefault">Whether it is the account's default one.</param>
/// <param name="Subnets">Its subnets.</param>
public sealed record NetworkOffer(string Id, string Cidr, bool IsDefault, IReadOnlyList<SubnetInfo> Subnets);

/// <summary>Reads what there is, part by part: what cannot be read keeps nobody from choosing the rest.</summary>
internal static class OfferReading
{
    public static async Task<RedshiftOffers> ReadAsync(AwsClients aws, CancellationToken ct)
    {
        // First and alone: without credentials nothing else has to be tried.
        var me = await PartAsync<AwsIdentity?>(
            OfferPart.Identity, async () => await aws.Sts.WhoAmIAsync(ct), none: null,
            static e => e is { IsNotToBeHad: true } and not { OutOfTime: true });
        var regions = PartAsync<IReadOnlyList<string>>(OfferPart.Regions, () => aws.Ec2.ListRegionsAsync(ct), []);
        var address = PartAsync<string?>(
            OfferPart.Address, async () => ProvisioningContext.RangeOf(await aws.Sts.CallerAddressAsync(ct)), none: null);
        var nodes = PartAsync<IReadOnlyList<OrderableNode>?>(
            OfferPart.Nodes, async () => await aws.Redshift.ListOrderableAsync(ct), none: null);
        var networks = PartAsync(OfferPart.Networks, () => NetworksAsync(aws, ct), []);
        await Task.WhenAll(regions, address, nodes, networks);
        return new RedshiftOffers(
            me.Found?.Account, me.Found?.Arn, aws.Region, aws.Simulated,
            [.. (await regions).Found.Append(aws.Region).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            (await address).Found, Nodes((await nodes).Found, aws.Region), (await nodes).Found is not null, RedshiftPrices.AsOf,
            (await networks).Found)
        {
            Missing =
            [
                .. new[]
                {
                    me.Missing, (await regions).Missing, (await address).Missing, (await nodes).Missing, (await networks).Missing,
                }.OfType<MissingOffer>(),
            ],
        };
    }

    private static async Task<(T Found, MissingOffer? Missing)> PartAsync<T>(
        OfferPart part, Func<Task<T>> read, T none, Func<AwsException, bool>? goesOn = null)
    {
        try
        {
            return (await read(), null);
        }
        catch (AwsException e) when (goesOn?.Invoke(e) ?? e.Fault != AwsFault.Credentials)
        {
            return (none, new MissingOffer(part, e.Message));
        }
    }

    // Who may create a cluster need not be allowed to list what can be ordered; AWS will say when it is created.
    private static IReadOnlyList<NodeOffer> Nodes(IReadOnlyList<OrderableNode>? orderable, string region) =>
    [
        .. (orderable?.Select(o => new NodeOffer(o.NodeType, o.SingleNode, o.MultiNode, RedshiftPrices.Of(o.NodeType, 1, region)))
            ?? RedshiftPrices.NodeTypes.Select(
                type => new NodeOffer(type, SingleNode: true, MultiNode: true, RedshiftPrices.Of(type, 1, region))))
        .OrderBy(static o => o.Price is null).ThenBy(static o => o.Price?.PerHour),
    ];

    private static async Task<IReadOnlyList<NetworkOffer>> NetworksAsync(AwsClients aws, CancellationToken ct)
    {
        var vpcs = await aws.Ec2.ListVpcsAsync(ct);
        return await Task.WhenAll(vpcs.OrderByDescending(static v => v.IsDefault).ThenBy(static v => v.Id, StringComparer.Ordinal)
            .Select(async v => new NetworkOffer(v.Id, v.Cidr, v.IsDefault, await aws.Ec2.ListSubnetsAsync(v.Id, ct))));
    }
}
