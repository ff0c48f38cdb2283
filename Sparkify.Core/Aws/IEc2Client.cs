namespace Sparkify.Core.Aws;

/// <summary>A virtual network.</summary>
public sealed record VpcInfo(string Id, string Cidr, bool IsDefault, string State);

/// <summary>A subnet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="VpcId">The network it is a part of.</param>
/// <param name="Zone">Its availability zone.</param>
/// <param name="FreeAddresses">How many addresses are free.</param>
public sealed record SubnetInfo(string Id, string VpcId, string Zone, int FreeAddresses);

/// <summary>A security group with its ways in.</summary>
public sealed record SecurityGroupInfo(
    string Id, string Name, string VpcId, string Description, IReadOnlyList<IngressRule> Ingress, IReadOnlyDictionary<string, string> Tags);

/// <summary>What a way into a security group is open to.</summary>
public enum IngressSource
{
    /// <summary>A range of addresses, v4.</summary>
    Addresses,

    /// <summary>A range of addresses, v6.</summary>
    AddressesV6,

    /// <summary>Whatever stands in another security group.</summary>
    SecurityGroup,

    /// <summary>A prefix list: ranges that its owner may change at any time.</summary>
    PrefixList,
}

/// <summary>One way into a security group.</summary>
/// <param name="Protocol">Such as <c>tcp</c>; <c>-1</c> for all.</param>
/// <param name="FromPort">The first port; none for all.</param>
/// <param name="ToPort">The last port; none for all.</param>
/// <param name="Source">A range of addresses, v4 or v6, or the id of a group or of a prefix list.</param>
/// <param name="Description">What it is for.</param>
public sealed record IngressRule(string Protocol, int? FromPort, int? ToPort, string Source, string? Description = null)
{
    /// <summary>What kind of source it is, which its form says.</summary>
    public IngressSource Kind => Source.StartsWith("pl-", StringComparison.Ordinal) ? IngressSource.PrefixList
        : Source.StartsWith("sg-", StringComparison.Ordinal) ? IngressSource.SecurityGroup
        : Source.Contains(':', StringComparison.Ordinal) ? IngressSource.AddressesV6
        : IngressSource.Addresses;
}

/// <summary>A security group to be created.</summary>
public sealed record NewSecurityGroup(string Name, string Description, string VpcId, IReadOnlyDictionary<string, string> Tags);

/// <summary>A network interface and what it holds.</summary>
public sealed record NetworkInterfaceInfo(string Id, string Description, string Status, string SubnetId, IReadOnlyList<string> Groups);

/// <summary>Amazon EC2, API 2016-11-15: the network a cluster stands in.</summary>
public interface IEc2Client
{
    /// <summary>The names of the regions there are.</summary>
    Task<IReadOnlyList<string>> ListRegionsAsync(CancellationToken ct);

    /// <summary>The virtual networks of the region.</summary>
    Task<IReadOnlyList<VpcInfo>> ListVpcsAsync(CancellationToken ct);

    /// <summary>The subnets of a virtual network.</summary>
    Task<IReadOnlyList<SubnetInfo>> ListSubnetsAsync(string vpc, CancellationToken ct);

    /// <summary>Whether a virtual network has a way to and from the internet.</summary>
    Task<bool> HasInternetGatewayAsync(string vpc, CancellationToken ct);

    /// <summary>A security group by name in a virtual network, or none.</summary>
    Task<SecurityGroupInfo?> FindSecurityGroupAsync(string vpc, string name, CancellationToken ct);

    /// <summary>The security groups that carry a tag.</summary>
    Task<IReadOnlyList<SecurityGroupInfo>> ListSecurityGroupsAsync(string tag, string value, CancellationToken ct);

    /// <summary>Creates a security group and returns its id; a conflict when the name is taken.</summary>
    Task<string> CreateSecurityGroupAsync(NewSecurityGroup group, CancellationToken ct);

    /// <summary>Deletes a security group; a conflict (<c>DependencyViolation</c>) while something holds it.</summary>
    Task DeleteSecurityGroupAsync(string id, CancellationToken ct);

    /// <summary>Opens a way in; a conflict when it is open.</summary>
    Task AuthorizeIngressAsync(string group, IngressRule rule, CancellationToken ct);

    /// <summary>Closes a way in.</summary>
    Task RevokeIngressAsync(string group, IngressRule rule, CancellationToken ct);

    /// <summary>The network interfaces that hold a security group.</summary>
    Task<IReadOnlyList<NetworkInterfaceInfo>> ListInterfacesAsync(string group, CancellationToken ct);

    /// <summary>Adds tags to a resource.</summary>
    Task TagAsync(string resource, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>Takes tags off a resource.</summary>
    Task UntagAsync(string resource, IReadOnlyList<string> keys, CancellationToken ct);
}
