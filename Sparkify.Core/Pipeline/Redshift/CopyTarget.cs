using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>Where a COPY takes place: which role reads what, and what is where.</summary>
/// <param name="Role">The ARN of the role the cluster reads with; none for its default role.</param>
/// <param name="OwnRole">Whether that role was made for the warehouse.</param>
/// <param name="ClusterRegion">The cluster's region.</param>
/// <param name="Data">The prefix of the part that is copied.</param>
/// <param name="DataRegion">The region of its bucket.</param>
/// <param name="JsonPaths">The source's JSONPaths file for that part; none when it has none.</param>
/// <param name="Area">Where we write.</param>
internal sealed record CopyTarget(
    string? Role, bool OwnRole, string ClusterRegion, S3Path Data, string DataRegion, S3Path? JsonPaths, StagingArea Area)
{
    /// <summary>The role in a statement.</summary>
    public string RoleInSql => Role is null ? "default" : RedshiftSql.Literal(Role);
}

/// <summary>Finds out where COPYs take place.</summary>
internal sealed class CopyTargets(IAws aws, IWarehouses warehouses, S3Buckets buckets)
{
    /// <summary>The site of one part of a warehouse's source.</summary>
    public async Task<CopyTarget> OpenAsync(Warehouse warehouse, SourcePart part, long run, CancellationToken ct)
    {
        var source = (LocationSource)warehouse.Source;
        var data = S3Path.Parse(part == SourcePart.Events ? source.Events : source.Songs, part.Word()).Split().Folder;
        var bucket = await buckets.FindAsync(source.Place, data, $"{part.Word()} location", ct);
        var paths = part == SourcePart.Events && !string.IsNullOrWhiteSpace(source.JsonPaths)
            ? S3Path.Parse(source.JsonPaths, "JSONPaths")
            : null;
        var area = await StagingArea.OpenAsync(warehouse, source, run, buckets, ct);
        var (role, region) = await RoleAsync(warehouse, ct);
        return new CopyTarget(role, warehouse.Existing is null, region, data, bucket.Region, paths, area);
    }

    /// <summary>The role that is attached to the cluster, and the cluster's region.</summary>
    private async Task<(string? Role, string Region)> RoleAsync(Warehouse warehouse, CancellationToken ct)
    {
        if (warehouse.Existing is { } existing)
        {
            return (existing.Role, (await aws.ForAsync(warehouse.Redshift!.Place, ct)).Region);
        }

        var owned = await warehouses.ResourcesAsync(warehouse.Name, ct);
        var cluster = owned.LastOrDefault(static r => r is { Kind: "cluster", RemovedAt: null })?.Name
            ?? throw SparkifyException.Conflict($"The warehouse '{warehouse.Name}' has no cluster any more. Provision it, then load.");
        var clients = await aws.ForAsync(warehouse.Redshift!.Place, ct);
        var found = await clients.Redshift.FindClusterAsync(cluster, ct)
            ?? throw SparkifyException.Conflict(
                $"The cluster {cluster} is not there any more. Provision the warehouse '{warehouse.Name}' again, then load.");
        var role = found.Roles.Where(static r => r.Value != "removing").Select(static r => r.Key).Order(StringComparer.Ordinal)
            .FirstOrDefault(static arn => arn.Contains(":role/sparkify/", StringComparison.Ordinal))
            ?? throw SparkifyException.Conflict($"The cluster {cluster} has lost its role, so it can read nothing. Provision the warehouse '{warehouse.Name}' again: that attaches it.");
        return (role, clients.Region);
    }
}
