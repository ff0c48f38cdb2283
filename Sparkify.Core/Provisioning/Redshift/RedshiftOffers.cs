using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What can be had in a region just now, for whoever chooses a cluster.</summary>
/// <param name="Account">The account's number.</param>
/// <param name="Caller">As whom AWS is called.</param>
/// <param name="Region">The region looked at.</param>
/// <param name="Simulated">Whether the simulator stands in for AWS.</param>
/// <param name="Regions">The regions the account has.</param>
/// <param name="CallerRange">This machine's own address as a range, which is let in unless another is given.</param>
/// <param name="Nodes">The node types, cheapest first.</param>
/// <param name="NodesAreLive">Whether the node types were read from AWS; else they are those of the price table.</param>
/// <param name="PricesAsOf">The day the prices were read.</param>
/// <param name="Networks">The virtual networks with their subnets.</param>
public sealed record RedshiftOffers(
    string Account, string Caller, string Region, bool Simulated, IReadOnlyList<string> Regions, string CallerRange,
    IReadOnlyList<NodeOffer> Nodes, bool NodesAreLive, DateOnly PricesAsOf, IReadOnlyList<NetworkOffer> Networks);

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

/// <summary>Reads what there is.</summary>
internal static class OfferReading
{
    public static async Task<RedshiftOffers> ReadAsync(AwsClients aws, CancellationToken ct)
    {
        // First and alone: without credentials nothing else has to be tried.
        var me = await aws.Sts.WhoAmIAsync(ct);
        var regions = aws.Ec2.ListRegionsAsync(ct);
        var address = aws.Sts.CallerAddressAsync(ct);
        var nodes = NodesAsync(aws, ct);
        var networks = NetworksAsync(aws, ct);
        await Task.WhenAll(regions, address, nodes, networks);
        var (offers, live) = await nodes;
        return new RedshiftOffers(
            me.Account, me.Arn, aws.Region, aws.Simulated, [.. (await regions)
                .Order(StringComparer.Ordinal)], ProvisioningContext.RangeOf(await address),
            offers, live, RedshiftPrices.AsOf, await networks);
    }

    private static async Task<(IReadOnlyList<NodeOffer> Nodes, bool Live)> NodesAsync(AwsClients aws, CancellationToken ct)
    {
        try
        {
            var orderable = await aws.Redshift.ListOrderableAsync(ct);
            return ([.. orderable.Select(
                o => new NodeOffer(o.NodeType, o.SingleNode, o.MultiNode, RedshiftPrices.Of(o.NodeType, 1, aws.Region)))
                .OrderBy(static o => o.Price is null).ThenBy(static o => o.Price?.PerHour)], true);
        }
        catch (AwsException e) when (e.Fault == AwsFault.Denied)
        {
            // Who may create a cluster need not be allowed to list what can be ordered; AWS will say when it is created.
            return ([.. RedshiftPrices.NodeTypes.Select(
                type => new NodeOffer(type, SingleNode: true, MultiNode: true, RedshiftPrices.Of(type, 1, aws.Region)))
                .OrderBy(static o => o.Price?.PerHour)], false);
        }
    }

    private static async Task<IReadOnlyList<NetworkOffer>> NetworksAsync(AwsClients aws, CancellationToken ct)
    {
        var vpcs = await aws.Ec2.ListVpcsAsync(ct);
        return await Task.WhenAll(vpcs.OrderByDescending(static v => v.IsDefault).ThenBy(static v => v.Id, StringComparer.Ordinal)
            .Select(async v => new NetworkOffer(v.Id, v.Cidr, v.IsDefault, await aws.Ec2.ListSubnetsAsync(v.Id, ct))));
    }
}
