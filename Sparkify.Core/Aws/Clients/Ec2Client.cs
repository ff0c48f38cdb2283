using System.Xml.Linq;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

internal sealed class Ec2Client(AwsWireClient wire, AwsGuard guard) : IEc2Client
{
    public Task<IReadOnlyList<string>> ListRegionsAsync(CancellationToken ct)
        => ListAsync("DescribeRegions", static () => new(), "regionInfo", static e => e.TextOrEmpty("regionName"), ct);

    public Task<IReadOnlyList<VpcInfo>> ListVpcsAsync(CancellationToken ct) => ListAsync("DescribeVpcs", static () => new(), "vpcSet",
        static e => new VpcInfo(e.TextOrEmpty("vpcId"), e.TextOrEmpty("cidrBlock"), e.Flag("isDefault") ?? false, e.TextOrEmpty("state")), ct);

    public Task<IReadOnlyList<SubnetInfo>> ListSubnetsAsync(string vpc, CancellationToken ct)
        => ListAsync("DescribeSubnets", () => new QueryParameters().AddFilter(1, "vpc-id", vpc), "subnetSet",
            static e => new SubnetInfo(e.TextOrEmpty("subnetId"), e.TextOrEmpty("vpcId"), e.TextOrEmpty("availabilityZone"), e.Number("availableIpAddressCount") ?? 0), ct);

    public async Task<bool> HasInternetGatewayAsync(string vpc, CancellationToken ct)
        => (await ListAsync("DescribeInternetGateways", () => new QueryParameters().AddFilter(1, "attachment.vpc-id", vpc), "internetGatewaySet",
            static e => e.TextOrEmpty("internetGatewayId"), ct)).Count > 0;

    public async Task<SecurityGroupInfo?> FindSecurityGroupAsync(string vpc, string name, CancellationToken ct)
        // By filter: asking by name is only for the default network, and answers "not found" with an error.
        => (await ListAsync("DescribeSecurityGroups", () => new QueryParameters().AddFilter(1, "vpc-id", vpc).AddFilter(2, "group-name", name),
            "securityGroupInfo", Group, ct)) is [var found, ..] ? found : null;

    public Task<IReadOnlyList<SecurityGroupInfo>> ListSecurityGroupsAsync(string tag, string value, CancellationToken ct)
        => ListAsync("DescribeSecurityGroups", () => new QueryParameters().AddFilter(1, $"tag:{tag}", value), "securityGroupInfo", Group, ct);

    public async Task<string> CreateSecurityGroupAsync(NewSecurityGroup group, CancellationToken ct)
    {
        var parameters = new QueryParameters().Add("GroupName", group.Name).Add("GroupDescription", group.Description).Add("VpcId", group.VpcId);
        if (group.Tags.Count > 0)
        {
            parameters.Add("TagSpecification.1.ResourceType", "security-group").AddTags("TagSpecification.1.Tag", group.Tags);
        }

        return (await CallAsync("CreateSecurityGroup", parameters, ct)).TextOrEmpty("groupId");
    }

    public Task DeleteSecurityGroupAsync(string id, CancellationToken ct)
        => CallAsync("DeleteSecurityGroup", new QueryParameters().Add("GroupId", id), ct);

    public Task AuthorizeIngressAsync(string group, IngressRule rule, CancellationToken ct)
        => CallAsync("AuthorizeSecurityGroupIngress", Permission(group, rule, describe: true), ct);

    public Task RevokeIngressAsync(string group, IngressRule rule, CancellationToken ct)
        => CallAsync("RevokeSecurityGroupIngress", Permission(group, rule, describe: false), ct);

    public Task<IReadOnlyList<NetworkInterfaceInfo>> ListInterfacesAsync(string group, CancellationToken ct)
        => ListAsync("DescribeNetworkInterfaces", () => new QueryParameters().AddFilter(1, "group-id", group), "networkInterfaceSet",
            static e => new NetworkInterfaceInfo(e.TextOrEmpty("networkInterfaceId"), e.TextOrEmpty("description"), e.TextOrEmpty("status"), e.TextOrEmpty("subnetId"),
                [.. e.Items("groupSet", "item").Select(static g => g.TextOrEmpty("groupId"))]), ct);

    public Task TagAsync(string resource, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
        => CallAsync("CreateTags", new QueryParameters().Add("ResourceId.1", resource).AddTags("Tag", tags), ct);

    private static QueryParameters Permission(string group, IngressRule rule, bool describe)
    {
        var source = rule.Source.StartsWith("sg-", StringComparison.Ordinal) ? ("Groups", "GroupId")
            : rule.Source.Contains(':', StringComparison.Ordinal) ? ("Ipv6Ranges", "CidrIpv6")
            : ("IpRanges", "CidrIp");
        return new QueryParameters().Add("GroupId", group)
            .Add("IpPermissions.1.IpProtocol", rule.Protocol).Add("IpPermissions.1.FromPort", rule.FromPort).Add("IpPermissions.1.ToPort", rule.ToPort)
            .Add($"IpPermissions.1.{source.Item1}.1.{source.Item2}", rule.Source)
            .Add($"IpPermissions.1.{source.Item1}.1.Description", describe ? rule.Description : null);
    }

    private static SecurityGroupInfo Group(XElement e) => new(
        e.TextOrEmpty("groupId"), e.TextOrEmpty("groupName"), e.TextOrEmpty("vpcId"), e.TextOrEmpty("groupDescription"),
        [.. e.Items("ipPermissions", "item").SelectMany(Rules)], e.Pairs("tagSet", "item", "key", "value"));

    private static IEnumerable<IngressRule> Rules(XElement permission)
    {
        var sources = permission.Items("ipRanges", "item").Select(static r => (Source: r.TextOrEmpty("cidrIp"), Text: r.Text("description")))
            .Concat(permission.Items("ipv6Ranges", "item").Select(static r => (Source: r.TextOrEmpty("cidrIpv6"), Text: r.Text("description"))))
            .Concat(permission.Items("groups", "item").Select(static r => (Source: r.TextOrEmpty("groupId"), Text: r.Text("description"))));
        return sources.Select(s => new IngressRule(permission.TextOrEmpty("ipProtocol"), permission.Number("fromPort"), permission.Number("toPort"), s.Source, s.Text));
    }

    private Task<XElement> CallAsync(string action, QueryParameters parameters, CancellationToken ct)
        => guard.CallAsync(action, () => wire.QueryAsync(action, parameters, ct), ct);

    private async Task<IReadOnlyList<T>> ListAsync<T>(string action, Func<QueryParameters> parameters, string set, Func<XElement, T> read, CancellationToken ct)
    {
        List<T> all = [];
        string? token = null;
        do
        {
            var page = await CallAsync(action, parameters().Add("NextToken", token), ct);
            all.AddRange(page.Items(set, "item").Select(read));
            token = page.Text("nextToken");
        }
        while (token is not null);
        return all;
    }
}
