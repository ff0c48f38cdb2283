using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sparkify.Simulator.State;

/// <summary>One region: its network, as a new account finds it, and its clusters.</summary>
internal sealed class RegionState
{
    private readonly World _world;

    public RegionState(string name, World world)
    {
        Name = name;
        _world = world;
        var vpc = new Vpc(world.NewId("vpc"), "172.31.0.0/16", IsDefault: true);
        Vpcs[vpc.Id] = vpc;
        foreach (var (zone, i) in (ReadOnlySpan<(string, int)>)[("a", 0), ("b", 16), ("c", 32)])
        {
            var subnet = new Subnet(world.NewId("subnet"), vpc.Id, name + zone, $"172.31.{i}.0/20");
            Subnets[subnet.Id] = subnet;
        }

        var group =
            new SecurityGroup { Id = world.NewId("sg"), Name = "default", VpcId = vpc.Id, Description = "default VPC security group" };
        Groups[group.Id] = group;
    }

    /// <summary>A region as it was left.</summary>
    public RegionState(SavedRegion saved, World world)
    {
        (Name, _world) = (saved.Name, world);
        Fill(Vpcs, saved.Vpcs, static v => v.Id);
        Fill(Subnets, saved.Subnets, static s => s.Id);
        Fill(Groups, saved.Groups, static g => g.Id);
        Fill(Interfaces, saved.Interfaces, static i => i.Id);
        Fill(Clusters, saved.Clusters, static c => c.Id);
        Fill(Snapshots, saved.Snapshots, static s => s.Id);
        Fill(SubnetGroups, saved.SubnetGroups, static g => g.Name);
        Fill(Secrets, saved.Secrets, static s => s.Arn);
        Fill(ParameterGroups, saved.ParameterGroups ?? [], static g => g.Name);
        Events.AddRange(saved.Events ?? []);

        static void Fill<T>(SortedDictionary<string, T> all, IReadOnlyList<T> saved, Func<T, string> key)
        {
            foreach (var item in saved)
            {
                all[key(item)] = item;
            }
        }
    }

    public string Name { get; }

    public SortedDictionary<string, Vpc> Vpcs { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Subnet> Subnets { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, SecurityGroup> Groups { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, NetworkInterface> Interfaces { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Cluster> Clusters { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Snapshot> Snapshots { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, SubnetGroup> SubnetGroups { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Secret> Secrets { get; } = new(StringComparer.Ordinal);

    /// <summary>The security group of whoever names none.</summary>
    public string DefaultGroup => Groups.Values.First(static g => g.Name == "default").Id;

    /// <summary>Those that were created; the default one is always there.</summary>
    public SortedDictionary<string, ParameterGroup> ParameterGroups { get; } = new(StringComparer.Ordinal);

    /// <summary>What has happened, oldest first.</summary>
    public List<RedshiftEvent> Events { get; } = [];

    /// <summary>The end of a zone's name decides nothing here; a region has the three of its default VPC.</summary>
    public IEnumerable<string> Zones => Subnets.Values.Select(s => s.Zone).Distinct(StringComparer.Ordinal);

    /// <summary>Does what is due: clusters change state, deleted ones go, interfaces of gone clusters let go of their groups.</summary>
    public void Settle(DateTimeOffset now)
    {
        foreach (var cluster in Clusters.Values.ToList())
        {
            var secret = cluster.Secret;
            cluster.Settle(now, _world.Options.Delays);
            Replace(secret, cluster.Secret);
            Events.AddRange(cluster.Happened);
            cluster.Happened.Clear();
            if (cluster.GoneAt is { } gone)
            {
                Remove(cluster, gone);
            }
        }

        foreach (var face in Interfaces.Values.Where(i => i.ReleasedAt <= now).ToList())
        {
            Interfaces.Remove(face.Id);
        }

        foreach (var snapshot in Snapshots.Values.Where(s => s.EndsAt <= now).ToList())
        {
            Snapshots.Remove(snapshot.Id);
        }

        Events.RemoveAll(e => e.At < now - RedshiftEvent.Kept);
    }

    private void Replace(Secret? before, Secret? after)
    {
        if (before?.Arn != after?.Arn)
        {
            _ = before is not null && Secrets.Remove(before.Arn);
            _ = after is not null && Secrets.TryAdd(after.Arn, after);
        }
    }

    private void Remove(Cluster cluster, DateTimeOffset gone)
    {
        Clusters.Remove(cluster.Id);
        if (cluster.Secret is { } secret)
        {
            Secrets.Remove(secret.Arn);
        }

        foreach (var face in Interfaces.Values.Where(i => i.Cluster == cluster.Id).ToList())
        {
            Interfaces[face.Id] = face with { ReleasedAt = gone + _world.Options.Delays.InterfaceLinger };
        }
    }
}

/// <summary>A virtual network.</summary>
internal sealed record Vpc(string Id, string Cidr, bool IsDefault);

/// <summary>A subnet.</summary>
internal sealed record Subnet(string Id, string VpcId, string Zone, string Cidr);

/// <summary>A cluster's interface in a subnet; it holds its groups until it is released.</summary>
internal sealed record NetworkInterface(
    string Id, string Cluster, string SubnetId, string VpcId, IReadOnlyList<string> Groups, DateTimeOffset? ReleasedAt);

/// <summary>A security group.</summary>
internal sealed class SecurityGroup
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string VpcId { get; init; }

    public required string Description { get; init; }

    public Dictionary<string, string> Tags { get; init; } = new(StringComparer.Ordinal);

    public List<SecurityRule> Rules { get; init; } = [];

    /// <summary>Ways out; a group begins with all of them.</summary>
    public List<SecurityRule> Egress
    {
        get => field ??= [new($"sgr-{Id[3..]}", "-1", -1, -1, "0.0.0.0/0", null, null, null)];
        init;
    }
}

/// <summary>One way in or out. Exactly one of the peers is set.</summary>
internal sealed record SecurityRule(
    string Id, string Protocol, int FromPort, int ToPort, string? Cidr, string? CidrV6, string? GroupId, string? Description,
    string? PrefixListId =
        null)
{
    public bool SameAs(SecurityRule other) => (Protocol, FromPort, ToPort, Cidr, CidrV6, GroupId, PrefixListId)
        == (other.Protocol, other.FromPort, other.ToPort, other.Cidr, other.CidrV6, other.GroupId, other.PrefixListId);
}

/// <summary>A Redshift subnet group.</summary>
internal sealed record SubnetGroup(
    string Name, string Description, string VpcId, IReadOnlyList<Subnet> Subnets, Dictionary<string, string> Tags);

/// <summary>A managed master password.</summary>
internal sealed record Secret(string Arn, string Name, string Text, DateTimeOffset CreatedAt, Dictionary<string, string> Tags)
{
    /// <summary>What a secret holds: the user's name and a password nobody has chosen.</summary>
    public static string NewText(string user) => JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["username"] = user,
        ["password"] = "Aa1" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
    });

    public override string ToString() => $"Secret({Arn})";
}

/// <summary>A manual snapshot of a cluster as it was then.</summary>
internal sealed record Snapshot(
    string Id, string ClusterId, DateTimeOffset CreatedAt, DateTimeOffset ReadyAt, int RetentionDays, Cluster Of)
{
    public Dictionary<string, string> Tags { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Names its database on the server behind; none of snapshots that were made before they had one.</summary>
    public string? Key { get; init; }

    /// <summary>When it goes by itself.</summary>
    [JsonIgnore]
    public DateTimeOffset? EndsAt => RetentionDays < 0 ? null : CreatedAt.AddDays(RetentionDays);
}
