using System.Security.Cryptography;
using Sparkify.Simulator.DataPlane;
using Sparkify.Simulator.Signing;

namespace Sparkify.Simulator.State;

/// <summary>Everything there is. All access holds <see cref="Gate"/>; handlers are quick and never wait.</summary>
internal sealed class World(SimulatorOptions options)
{
    private readonly Dictionary<string, RegionState> _regions = new(StringComparer.Ordinal);
    private int _ids;

    public static IReadOnlyList<string> RegionNames { get; } =
        ["us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-central-1", "eu-west-1", "eu-north-1", "ap-southeast-2"];

    public Lock Gate { get; } = new();

    public SimulatorOptions Options { get; } = options;

    public string Account => Options.Account;

    /// <summary>Where clusters answer SQL; none when there is no server behind.</summary>
    public SqlPlane? Sql { get; set; }

    /// <summary>The keys that open it.</summary>
    public KeyRing Keys { get; } = new();

    /// <summary>Where it is kept over restarts; none when it is not.</summary>
    public WorldFile? File { get; set; }

    public DateTimeOffset Now => Options.Clock.GetUtcNow();

    public SortedDictionary<string, Role> Roles { get; } = new(StringComparer.Ordinal);

    /// <summary>The account's own policies by their ARNs.</summary>
    public SortedDictionary<string, CustomerPolicy> Policies { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, Bucket> Buckets { get; } = new(StringComparer.Ordinal);

    public IEnumerable<RegionState> Regions => _regions.Values;

    /// <summary>A region with everything that is due by now done.</summary>
    public RegionState Region(string name)
    {
        if (!_regions.TryGetValue(name, out var region))
        {
            _regions[name] = region = new RegionState(name, this);
        }

        region.Settle(Now);
        return region;
    }

    /// <summary>An identifier such as <c>sg-0a1b…</c>, unique in this world.</summary>
    public string NewId(string prefix) => $"{prefix}-{Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(++_ids)))[..17]}";

    /// <summary>Everything, to be written down.</summary>
    public SavedWorld Save() => new(
        _ids,
        [.. Roles.Values],
        [.. Buckets.Values.Select(SavedBucket.Of)],
        [.. _regions.Values.Select(SavedRegion.Of)],
        [.. Policies.Values]);

    /// <summary>Becomes what was written down. Clusters take the ports they had, or others when those are in use.</summary>
    public void Restore(SavedWorld saved)
    {
        _ids = saved.Ids;
        foreach (var role in saved.Roles)
        {
            Roles[role.Name] = role;
        }

        foreach (var policy in saved.Policies ?? [])
        {
            Policies[policy.Arn] = policy;
        }

        foreach (var bucket in saved.Buckets)
        {
            bucket.Restore(Buckets);
        }

        foreach (var region in saved.Regions)
        {
            _regions[region.Name] = new RegionState(region, this);
            foreach (var cluster in region.Clusters)
            {
                cluster.Endpoint = Sql?.Reserve(cluster.Key, cluster.Endpoint.Port) ?? cluster.Endpoint;
            }
        }
    }

    public void Clear()
    {
        _regions.Clear();
        Roles.Clear();
        Policies.Clear();
        Buckets.Clear();
        OpenFolders();
    }

    /// <summary>Creates the buckets that are folders.</summary>
    public void OpenFolders()
    {
        foreach (var (name, folder) in Options.Buckets)
        {
            Buckets[name] = new Bucket(name, Options.Region, Now, folder);
        }
    }
}

/// <summary>An IAM role with its inline policies.</summary>
internal sealed class Role
{
    public required string Name { get; init; }

    public required string Id { get; init; }

    public required string Arn { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string TrustPolicy { get; set; }

    public string Path { get; init; } = "/";

    public string? Description { get; init; }

    public int MaxSessionDuration { get; init; } = 3600;

    public Dictionary<string, string> Tags { get; init; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, string> Policies { get; init; } = new(StringComparer.Ordinal);

    public SortedSet<string> Attached { get; init; } = new(StringComparer.Ordinal);
}
