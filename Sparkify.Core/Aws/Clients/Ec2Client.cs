using Amazon.EC2;
using Amazon.EC2.Model;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

internal sealed class Ec2Client(IAmazonEC2 ec2, AwsGuard guard) : IEc2Client
{
    public Task<IReadOnlyList<string>> ListRegionsAsync(CancellationToken ct) => ListAsync("DescribeRegions", async _ =>
        ((await ec2.DescribeRegionsAsync(new DescribeRegionsRequest(), ct)).Regions, null), static (Region r) => r.RegionName, ct);

    public Task<IReadOnlyList<VpcInfo>> ListVpcsAsync(CancellationToken ct) => ListAsync("DescribeVpcs", async next =>
    {
        var page = await ec2.DescribeVpcsAsync(new DescribeVpcsRequest { NextToken = next }, ct);
        return (page.Vpcs, page.NextToken);
    }, static (Vpc v) => new VpcInfo(v.VpcId, v.CidrBlock ?? "", v.IsDefault ?? false, v.State?.Value ?? ""), ct);

    public Task<IReadOnlyList<SubnetInfo>> ListSubnetsAsync(string vpc, CancellationToken ct) => ListAsync("DescribeSubnets", async next =>
    {
        var page = await ec2.DescribeSubnetsAsync(new DescribeSubnetsRequest { Filters = [Where("vpc-id", vpc)], NextToken = next }, ct);
        return (page.Subnets, page.NextToken);
    }, static (Subnet s) => new SubnetInfo(s.SubnetId, s.VpcId ?? "", s.AvailabilityZone ?? "", s.AvailableIpAddressCount ?? 0), ct);

    public async Task<bool> HasInternetGatewayAsync(
        string vpc, CancellationToken ct) => (await ListAsync("DescribeInternetGateways", async next =>
    {
        var page = await ec2.DescribeInternetGatewaysAsync(
            new DescribeInternetGatewaysRequest { Filters = [Where("attachment.vpc-id", vpc)], NextToken = next }, ct);
        return (page.InternetGateways, page.NextToken);
    }, static (InternetGateway g) => g.InternetGatewayId, ct)).Count > 0;

    public async Task<SecurityGroupInfo?> FindSecurityGroupAsync(string vpc, string name, CancellationToken ct)
        // By filter: asking by name is only for the default network, and answers "not found" with an error.
        => await GroupsAsync([Where("vpc-id", vpc), Where("group-name", name)], ct) is [var found, ..] ? found : null;

    public Task<IReadOnlyList<SecurityGroupInfo>> ListSecurityGroupsAsync(string tag, string value, CancellationToken ct)
        => GroupsAsync([Where($"tag:{tag}", value)], ct);

    public Task<string> CreateSecurityGroupAsync(
        NewSecurityGroup group, CancellationToken ct) => guard.CallAsync("CreateSecurityGroup", async () =>
    {
        var request = new CreateSecurityGroupRequest { GroupName = group.Name, Description = group.Description, VpcId = group.VpcId };
        if (group.Tags.Count > 0)
        {
            request.TagSpecifications = [new TagSpecification { ResourceType = ResourceType.SecurityGroup, Tags = Tags(group.Tags) }];
        }

        return (await ec2.CreateSecurityGroupAsync(request, ct)).GroupId;
    }, ct);

    public Task DeleteSecurityGroupAsync(string id, CancellationToken ct) => guard.CallAsync("DeleteSecurityGroup", () =>
        ec2.DeleteSecurityGroupAsync(new DeleteSecurityGroupRequest { GroupId = id }, ct), ct);

    public Task AuthorizeIngressAsync(
        string group, IngressRule rule, CancellationToken ct) => guard.CallAsync("AuthorizeSecurityGroupIngress", () =>
        ec2.AuthorizeSecurityGroupIngressAsync(
            new AuthorizeSecurityGroupIngressRequest { GroupId = group, IpPermissions = [Permission(rule, rule.Description)] }, ct), ct);

    public Task RevokeIngressAsync(
        string group, IngressRule rule, CancellationToken ct) => guard.CallAsync("RevokeSecurityGroupIngress", () =>
        ec2.RevokeSecurityGroupIngressAsync(
            new RevokeSecurityGroupIngressRequest { GroupId = group, IpPermissions = [Permission(rule, description: null)] }, ct), ct);

    public Task<IReadOnlyList<NetworkInterfaceInfo>> ListInterfacesAsync(
        string group, CancellationToken ct) => ListAsync("DescribeNetworkInterfaces", async next =>
    {
        var page = await ec2.DescribeNetworkInterfacesAsync(
            new DescribeNetworkInterfacesRequest { Filters = [Where("group-id", group)], NextToken = next }, ct);
        return (page.NetworkInterfaces, page.NextToken);
    }, static (NetworkInterface i) => new NetworkInterfaceInfo(
        i.NetworkInterfaceId, i.Description ?? "", i.Status?.Value ?? "", i.SubnetId ?? "", [.. (i.Groups ?? [])
            .Select(static g => g.GroupId)]), ct);

    public Task TagAsync(
        string resource, IReadOnlyDictionary<string, string> tags, CancellationToken ct) => guard.CallAsync("CreateTags", () =>
        ec2.CreateTagsAsync(new CreateTagsRequest { Resources = [resource], Tags = Tags(tags) }, ct), ct);

    private Task<IReadOnlyList<SecurityGroupInfo>> GroupsAsync(
        List<Filter> filters, CancellationToken ct) => ListAsync("DescribeSecurityGroups", async next =>
    {
        var page = await ec2.DescribeSecurityGroupsAsync(new DescribeSecurityGroupsRequest { Filters = filters, NextToken = next }, ct);
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
        string operation, Func<string?, Task<(List<TTheirs>? Items, string? Next)>> page, Func<TTheirs, TOurs> read, CancellationToken ct)
    {
        List<TOurs> all = [];
        string? token = null;
        do
        {
            var (items, next) = await guard.CallAsync(operation, () => page(token), ct);
            all.AddRange((items ?? []).Select(read));
            token = next;
        }
        while (!string.IsNullOrEmpty(token));
        return all;
    }
}
