using System.Globalization;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>EC2 2016-11-15: what describes the network.</summary>
internal static class Ec2Network
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["DescribeVpcs"] = DescribeVpcs,
        ["DescribeSubnets"] = DescribeSubnets,
        ["DescribeNetworkInterfaces"] = DescribeNetworkInterfaces,
        ["DescribeRegions"] = DescribeRegions,
        ["DescribeAvailabilityZones"] = static call => [new XElement("availabilityZoneInfo", call.Region.Zones.Select(z => new XElement(
            "item", new XElement("zoneName", z), new XElement("zoneState", "available"), new XElement("regionName", call.Region.Name))))],
        ["DescribeInternetGateways"] = static call =>
            Ec2Query.Paged(call, "internetGatewaySet", call.Region.Vpcs.Values, static vpc => Gateway(vpc),
            ("attachment.vpc-id", static vpc => [vpc.Id])),
        ["DescribeRouteTables"] = DescribeRouteTables,
    };

    private static IEnumerable<XElement> DescribeVpcs(QueryCall call)
    {
        var wanted = call.Form.List("VpcId");
        Ec2Query.RequireAll(wanted, call.Region.Vpcs.ContainsKey, "InvalidVpcID.NotFound", "The vpc ID '{0}' does not exist");
        return Ec2Query.Paged(call, "vpcSet", call.Region.Vpcs.Values.Where(v => wanted.Count == 0 || wanted.Contains(v.Id)),
            vpc => new XElement("item",
                new XElement("vpcId", vpc.Id), new XElement("state", "available"), new XElement("cidrBlock", vpc.Cidr),
                new XElement(
                    "ownerId", call.World.Account), new XElement("instanceTenancy", "default"), Wire.Flag("isDefault", vpc.IsDefault)),
            ("vpc-id", static v => [v.Id]), ("is-default", static v => [v.IsDefault ? "true" : "false"]),
            ("isDefault", static v => [v.IsDefault ? "true" : "false"]));
    }

    private static IEnumerable<XElement> DescribeSubnets(QueryCall call)
    {
        var wanted = call.Form.List("SubnetId");
        Ec2Query.RequireAll(wanted, call.Region.Subnets.ContainsKey, "InvalidSubnetID.NotFound", "The subnet ID '{0}' does not exist");
        return Ec2Query.Paged(call, "subnetSet", call.Region.Subnets.Values.Where(s => wanted.Count == 0 || wanted.Contains(s.Id)),
            static subnet => new XElement("item",
                new XElement("subnetId", subnet.Id), new XElement("vpcId", subnet.VpcId), new XElement("state", "available"),
                new XElement("cidrBlock", subnet.Cidr), new XElement("availabilityZone", subnet.Zone),
                new XElement("availableIpAddressCount", 4091), Wire.Flag("defaultForAz", true), Wire.Flag("mapPublicIpOnLaunch", true)),
            ("vpc-id", static s => [s.VpcId]), ("subnet-id", static s => [s.Id]), ("availability-zone", static s => [s.Zone]));
    }

    private static IEnumerable<XElement> DescribeNetworkInterfaces(QueryCall call) => Ec2Query.Paged(
        call, "networkInterfaceSet", call.Region.Interfaces.Values,
        face => new XElement("item",
            new XElement("networkInterfaceId", face.Id), new XElement("subnetId", face.SubnetId), new XElement("vpcId", face.VpcId),
            new XElement("description", "RedshiftNetworkInterface"), new XElement("ownerId", call.World.Account),
            new XElement("requesterId", "amazon-redshift"), Wire.Flag("requesterManaged", true),
            new XElement("status", face.ReleasedAt is null ? "in-use" : "available"),
            new XElement("groupSet", face.Groups.Select(g => new XElement("item", new XElement("groupId", g))))),
        ("group-id", static face => face.Groups), ("network-interface-id", static face => [face.Id]),
        ("vpc-id", static face => [face.VpcId]));

    private static IEnumerable<XElement> DescribeRegions(QueryCall call)
    {
        var wanted = call.Form.List("RegionName");
        Ec2Query.RequireAll(wanted, World.RegionNames.Contains, "InvalidParameterValue", "Invalid region: {0}");
        return [new XElement("regionInfo", World.RegionNames.Where(
            r => wanted.Count == 0 || wanted.Contains(r)).Select(static r => new XElement("item",
            new XElement("regionName", r), new XElement(
                "regionEndpoint", $"ec2.{r}.amazonaws.com"), new XElement("optInStatus", "opt-in-not-required"))))];
    }

    private static IEnumerable<XElement> DescribeRouteTables(QueryCall call) => Ec2Query.Paged(
        call, "routeTableSet", call.Region.Vpcs.Values,
        static vpc => new XElement("item",
            new XElement("routeTableId", "rtb-" + vpc.Id[4..]), new XElement("vpcId", vpc.Id),
            new XElement("routeSet",
                new XElement("item", new XElement(
                    "destinationCidrBlock", vpc.Cidr), new XElement("gatewayId", "local"), new XElement("state", "active")),
                new XElement("item", new XElement(
                    "destinationCidrBlock", "0.0.0.0/0"), new XElement("gatewayId", GatewayId(vpc)), new XElement("state", "active"))),
            new XElement(
                "associationSet", new XElement("item", Wire.Flag("main", true), new XElement("routeTableId", "rtb-" + vpc.Id[4..])))),
        ("vpc-id", static vpc => [vpc.Id]));

    private static XElement Gateway(Vpc vpc) => new("item", new XElement("internetGatewayId", GatewayId(vpc)),
        new XElement("attachmentSet", new XElement("item", new XElement("vpcId", vpc.Id), new XElement("state", "available"))));

    private static string GatewayId(Vpc vpc) => "igw-" + vpc.Id[4..];
}

/// <summary>What EC2's describes share: filters and pages.</summary>
internal static class Ec2Query
{
    public static void RequireAll(IEnumerable<string> wanted, Func<string, bool> exists, string code, string message)
    {
        foreach (var id in wanted.Where(id => !exists(id)))
        {
            throw new AwsErrorException(code, string.Format(CultureInfo.InvariantCulture, message, id));
        }
    }

    public static IEnumerable<XElement> Paged<T>(
        QueryCall call, string set, IEnumerable<T> all, Func<T, XElement> show, params (
            string Name, Func<T, IEnumerable<string>> Values)[] filters)
    {
        foreach (var asked in call.Form.Items("Filter"))
        {
            var name = asked.Require("Name");
            var known = filters.FirstOrDefault(f => f.Name == name).Values
                ?? throw AwsErrorException.Value($"The filter '{name}' is invalid");
            var values = asked.List("Value");
            all = all.Where(item => known(item).Any(values.Contains));
        }

        var (items, next) = Wire.Page(all, call.Form["NextToken"], Wire.PageSize(call.Form, "MaxResults", 5, 1000, 1000), "NextToken");
        yield return new XElement(set, items.Select(show));
        if (next is not null)
        {
            yield return new XElement("nextToken", next);
        }
    }
}
