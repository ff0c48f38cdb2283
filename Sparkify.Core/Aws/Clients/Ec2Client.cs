using Amazon.EC2;
using Amazon.EC2.Model;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

internal sealed class Ec2Client(IAmazonEC2 ec2, AwsGuard guard) : IEc2Client
{
    public Task<IReadOnlyList<string>> ListRegionsAsync(CancellationToken ct) => ListAsync("DescribeRegions", async (_, within) =>
        ((await ec2.DescribeRegionsAsync(new DescribeRegionsRequest(), within)).Regions, null), static (Region r) => r.RegionName, ct);

    public Task<IReadOnlyList<VpcInfo>> ListVpcsAsync(CancellationToken ct) => ListAsync("DescribeVpcs", async (next, within) =>
    {
        var page = await ec2.DescribeVpcsAsync(new DescribeVpcsRequest { NextToken = next }, within);
        return (page.Vpcs, page.NextToken);
    }, static (Vpc v) => new VpcInfo(v.VpcId, v.CidrBlock ?? "", v.IsDefault ?? false, v.State?.Value ?? ""), ct);

    public Task<IReadOnlyList<SubnetInfo>> ListSubnetsAsync(
        string vpc, CancellationToken ct) => ListAsync("DescribeSubnets", async (next, within) =>
    {
        var page = await ec2.DescribeSubnetsAsync(
            new DescribeSubnetsRequest { Filters = [Where("vpc-id", vpc)], NextToken = next }, within);
        return (page.Subnets, page.NextToken);
    }, static (Subnet s) => new SubnetInfo(s.SubnetId, s.VpcId ?? "", s.AvailabilityZone ?? "", s.AvailableIpAddressCount ?? 0), ct);

    public async Task<bool> HasInternetGatewayAsync(
        string vpc, CancellationToken ct) => (await ListAsync("DescribeInternetGateways", async (next, within) =>
    {
        var page = await ec2.DescribeInternetGatewaysAsync(
            new DescribeInternetGatewaysRequest { Filters = [Where("attachment.vpc-id", vpc)], NextToken = next }, within);
        return (page.InternetGateways, page.NextToken);
    }, static (InternetGateway g) => g.InternetGatewayId, ct)).Count > 0;

    public async Task<SecurityGroupInfo?> FindSecurityGroupAsync(string vpc, string name, CancellationToken ct)
        // By filter: asking by name is only for the default network, and answers "not found" with an error.
        => await GroupsAsync([Where("vpc-id", vpc), Where("group-name", name)], ct) is [var found, ..] ? found : null;

    public Task<IReadOnlyList<SecurityGroupInfo>> ListSecurityGroupsAsync(string tag, string value, CancellationToken ct)
        => GroupsAsync([Where($"tag:{tag}", value)], ct);

    public Task<string> CreateSecurityGroupAsync(
        NewSecurityGroup group, CancellationToken ct) => guard.CallAsync("CreateSecurityGroup", async within =>
    {
        var request = new CreateSecurityGroupRequest { GroupName = group.Name, Description = group.Description, VpcId = group.VpcId };
        if (group.Tags.Count > 0)
        {
            request.TagSpecifications = [new TagSpecification { ResourceType = ResourceType.SecurityGroup, Tags = Tags(group.Tags) }];
        }

        return (await ec2.CreateSecurityGroupAsync(request, within)).GroupId;
    }, ct);

    public Task DeleteSecurityGroupAsync(string id, CancellationToken ct) => guard.CallAsync("DeleteSecurityGroup", within =>
        ec2.DeleteSecurityGroupAsync(new DeleteSecurityGroupRequest { GroupId = id }, within), ct);

    public Task AuthorizeIngressAsync(
        string group, IngressRule rule, CancellationToken ct) => guard.CallAsync("AuthorizeSecurityGroupIngress", within =>
        ec2.AuthorizeSecurityGroupIngressAsync(
            new AuthorizeSecurityGroupIngressRequest { GroupId = group, IpPermissions = [Permission(rule, rule.Description)] }, within),
        ct);

    public Task RevokeIngressAsync(
        string group, IngressRule rule, CancellationToken ct) => guard.CallAsync("RevokeSecurityGroupIngress", within =>
        ec2.RevokeSecurityGroupIngressAsync(
            new RevokeSecurityGroupIngressRequest { GroupId = group, IpPermissions = [Permission(rule, description: null)] }, within), ct);

    public Task<IReadOnlyList<NetworkInterfaceInfo>> ListInterfacesAsync(
        string group, CancellationToken ct) => ListAsync("DescribeNetworkInterfaces", async (next, within) =>
    {
        var page = await ec2.DescribeNetworkInterfacesAsync(
            new DescribeNetworkInterfacesRequest { Filters = [Where("group-id", group)], NextToken = next }, within);
        return (page.NetworkInterfaces, page.NextToken);
    }, static (NetworkInterface i) => new NetworkInterfaceInfo(
        i.NetworkInterfaceId, i.Description ?? "", i.Status?.Value ?? "", i.SubnetId ?? "", [.. (i.Groups ?? [])
            .Select(static g => g.GroupId)]), ct);

    public Task TagAsync(
        string resource, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => guard.CallAsync("CreateTags", within =>
        ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [resource], Tags = Tags(tags) }, within), ct);

    public Task UntagAsync(string resource, IReadOnlyList<string> keys, CancellationToken ct) => guard.CallAsync("DeleteTags", within =>
        ec2.DeleteTagsAsync(
            new DeleteTagsRequest { Resources = [resource], Tags = [.. keys.Select(static k => new Tag { Key = k })] }, within), ct);

    private Task<IReadOnlyList<SecurityGroupInfo>> GroupsAsync(
        List<Filter> filters, CancellationToken ct) => ListAsync("DescribeSecurityGroups", async (next, within) =>
    {
        var page = await ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { Filters = filters, NextToken = next }, within);
        return (page.SecurityGroups, page.NextToken);
    }, static (SecurityGroup g) => new SecurityGroupInfo(
        g.GroupId, g.GroupName ?? "", g.VpcId ?? "", g.Description ?? "", [.. (g.IpPermissions ?? []).SelectMany(Rules)],
        (g.Tags ?? []).ToDictionary(static t => t.Key, static t => t.Value ?? "", StringComparer.Ordinal)), ct);

    private static Filter Where(string name, string value) => new() { Name = name, Values = [value] };

    private static List<Tag> Tags(IReadOnlyDictionary<string, string> tags)
        => [.. tags.OrderBy(static t => t.Key, StringComparer.Ordinal).Select(static t => new Tag { Key = t.Key, Value = t.Value })];

    private static IpPermission Permission(IngressRule rule, string? description)
    {
        var permission = new IpPermission { IpProtocol = rule.Protocol, FromPort = rule.FromPort, ToPort = rule.ToPort };
        switch (rule.Kind)
        {
            case IngressSource.PrefixList:
                permission.PrefixListIds = [new PrefixListId { Id = rule.Source, Description = description }];
                break;
            case IngressSource.SecurityGroup:
                permission.UserIdGroupPairs = [new UserIdGroupPair { GroupId = rule.Source, Description = description }];
                break;
            case IngressSource.AddressesV6:
                permission.Ipv6Ranges = [new Ipv6Range { CidrIpv6 = rule.Source, Description = description }];
                break;
            default:
                permission.Ipv4Ranges = [new IpRange { CidrIp = rule.Source, Description = description }];
                break;
        }

        return permission;
    }

    private static IEnumerable<IngressRule> Rules(IpPermission permission)
    {
        IEnumerable<(string Source, string? Text)> sources =
        [
            .. (permission.Ipv4Ranges ?? []).Select(static r => (r.CidrIp, r.Description)),
            .. (permission.Ipv6Ranges ?? []).Select(static r => (r.CidrIpv6, r.Description)),
            .. (permission.UserIdGroupPairs ?? []).Select(static r => (r.GroupId, r.Description)),
            .. (permission.PrefixListIds ?? []).Select(static r => (r.Id, r.Description)),
        ];
        return sources.Select(s => new IngressRule(permission.IpProtocol, permission.FromPort, permission.ToPort, s.Source, s.Text));
    }

    private async Task<IReadOnlyList<TOurs>> ListAsync<TTheirs, TOurs>(
        string operation, Func<string?, CancellationToken, Task<(List<TTheirs>? Items, string? Next)>> page, Func<TTheirs, TOurs> read,
        CancellationToken ct)
    {
        List<TOurs> all = [];
        string? token = null;
        do
        {
            var (items, next) = await guard.CallAsync(operation, within => page(token, within), ct);
            all.AddRange((items ?? []).Select(read));
            token = next;
        }
        while (!string.IsNullOrEmpty(token));
        return all;
    }
}
