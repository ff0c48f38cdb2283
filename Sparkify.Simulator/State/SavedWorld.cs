namespace Sparkify.Simulator.State;

/// <summary>A world written down.</summary>
internal sealed record SavedWorld(
    int Ids, IReadOnlyList<Role> Roles, IReadOnlyList<SavedBucket> Buckets, IReadOnlyList<SavedRegion> Regions,
    IReadOnlyList<CustomerPolicy>? Policies = null);

/// <summary>A region written down.</summary>
internal sealed record SavedRegion(
    string Name, IReadOnlyList<Vpc> Vpcs, IReadOnlyList<Subnet> Subnets, IReadOnlyList<SecurityGroup> Groups,
    IReadOnlyList<NetworkInterface> Interfaces,
    IReadOnlyList<Cluster> Clusters, IReadOnlyList<Snapshot> Snapshots, IReadOnlyList<SubnetGroup> SubnetGroups,
    IReadOnlyList<Secret> Secrets, IReadOnlyList<ParameterGroup>? ParameterGroups = null, IReadOnlyList<RedshiftEvent>? Events = null)
{
    public static SavedRegion Of(RegionState region) => new(
        region.Name, [.. region.Vpcs.Values], [.. region.Subnets.Values], [.. region.Groups.Values], [.. region.Interfaces.Values],
        [.. region.Clusters.Values], [.. region.Snapshots.Values], [.. region.SubnetGroups.Values], [.. region.Secrets.Values],
        [.. region.ParameterGroups.Values], region.Events);
}

/// <summary>A bucket written down, with its objects in memory as long as they are small.</summary>
internal sealed record SavedBucket(
    string Name, string Region, DateTimeOffset CreatedAt, IReadOnlyList<StoredObject> Written, IReadOnlyList<string> Deleted)
{
    private const int LargestObject = 1024 * 1024;

    public static SavedBucket Of(Bucket bucket)
    {
        var (written, deleted) = bucket.Overlay;
        return new SavedBucket(
            bucket.Name, bucket.Region, bucket.CreatedAt, [.. written.Where(static o => o.Length <= LargestObject)], [.. deleted]);
    }

    /// <summary>Puts it among buckets; one that is there already is a folder, and gets what was written over it.</summary>
    public void Restore(SortedDictionary<string, Bucket> buckets)
    {
        if (!buckets.TryGetValue(Name, out var bucket))
        {
            buckets[Name] = bucket = new Bucket(Name, Region, CreatedAt);
        }

        foreach (var key in Deleted)
        {
            bucket.Delete(key);
        }

        foreach (var stored in Written)
        {
            bucket.Put(stored);
        }
    }
}
