using System.Xml.Linq;
using Sparkify.Core.Aws.Errors;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

internal sealed class RedshiftClient(AwsWireClient wire, AwsGuard guard) : IRedshiftClient
{
    public async Task<ClusterInfo> CreateClusterAsync(NewCluster cluster, CancellationToken ct)
    {
        var result = await CallAsync("CreateCluster", new QueryParameters()
            .Add("ClusterIdentifier", cluster.Id).Add("NodeType", cluster.NodeType)
            .Add("ClusterType", cluster.Nodes == 1 ? "single-node" : "multi-node")
            // A single-node cluster is refused when it is told its number of nodes (aws-cdk#9856).
            .Add("NumberOfNodes", cluster.Nodes == 1 ? null : cluster.Nodes)
            .Add("DBName", cluster.Database).Add("MasterUsername", cluster.MasterUser).Add("ManageMasterPassword", true)
            .Add("Port", cluster.Port).Add("PubliclyAccessible", cluster.PubliclyAccessible).Add("Encrypted", true)
            .Add("AutomatedSnapshotRetentionPeriod", cluster.SnapshotDays).Add("ClusterSubnetGroupName", cluster.SubnetGroup)
            .AddList("VpcSecurityGroupIds.VpcSecurityGroupId", cluster.SecurityGroups)
            .AddList("IamRoles.IamRoleArn", cluster.Roles)
            .AddTags("Tags.Tag", cluster.Tags), ct);
        return RedshiftXml.Cluster(result.Element("Cluster")!);
    }

    public async Task<ClusterInfo> RestoreClusterAsync(NewCluster cluster, string snapshot, CancellationToken ct)
    {
        var result = await CallAsync("RestoreFromClusterSnapshot", new QueryParameters()
            .Add("ClusterIdentifier", cluster.Id).Add("SnapshotIdentifier", snapshot).Add("ManageMasterPassword", true)
            .Add("Port", cluster.Port).Add("PubliclyAccessible", cluster.PubliclyAccessible)
            .Add("AutomatedSnapshotRetentionPeriod", cluster.SnapshotDays).Add("ClusterSubnetGroupName", cluster.SubnetGroup)
            .AddList("VpcSecurityGroupIds.VpcSecurityGroupId", cluster.SecurityGroups)
            .AddList("IamRoles.IamRoleArn", cluster.Roles), ct);
        return RedshiftXml.Cluster(result.Element("Cluster")!);
    }

    public Task<ClusterInfo?> FindClusterAsync(string id, CancellationToken ct) => guard.FindAsync("DescribeClusters", async within =>
    {
        var result = await wire.QueryAsync("DescribeClusters", Named(id), within);
        return result.Items("Clusters", "Cluster").Select(RedshiftXml.Cluster).FirstOrDefault()
            ?? throw new AwsException(AwsFault.Missing, $"There is no cluster {id}.");
    }, ct);

    public Task<IReadOnlyList<ClusterInfo>> ListClustersAsync(string? tag, string? value, CancellationToken ct)
        => ListAsync("DescribeClusters", () => Tagged(tag, value), "Clusters", "Cluster", RedshiftXml.Cluster, ct);

    public Task DeleteClusterAsync(string id, FinalSnapshot? snapshot, CancellationToken ct)
        // Either both halves of a snapshot or neither: AWS refuses a half-filled pair (terraform#22952).
        => CallAsync("DeleteCluster", Named(id).Add("SkipFinalClusterSnapshot", snapshot is null)
            .Add("FinalClusterSnapshotIdentifier", snapshot?.Id).Add("FinalClusterSnapshotRetentionPeriod", snapshot?.RetentionDays), ct);

    public Task PauseClusterAsync(string id, CancellationToken ct) => CallAsync("PauseCluster", Named(id), ct);

    public Task ResumeClusterAsync(string id, CancellationToken ct) => CallAsync("ResumeCluster", Named(id), ct);

    public Task ChangeRolesAsync(string id, IReadOnlyList<string> add, IReadOnlyList<string> remove, CancellationToken ct)
        => CallAsync("ModifyClusterIamRoles", Named(id).AddList("AddIamRoles.IamRoleArn", add)
            .AddList("RemoveIamRoles.IamRoleArn", remove), ct);

    public async Task<IReadOnlyList<OrderableNode>> ListOrderableAsync(CancellationToken ct)
    {
        var options =
            await ListAsync("DescribeOrderableClusterOptions", static () => new(), "OrderableClusterOptions", "OrderableClusterOption",
            static e => (Node: e.TextOrEmpty("NodeType"), Type: e.TextOrEmpty("ClusterType")), ct);
        return [.. options.GroupBy(static o => o.Node, StringComparer.Ordinal)
            .Select(
                static o => new OrderableNode(o.Key, o.Any(static x => x.Type == "single-node"), o.Any(static x => x.Type == "multi-node")))
            .OrderBy(static o => o.NodeType, StringComparer.Ordinal)];
    }

    public Task<IReadOnlyList<SnapshotInfo>> ListSnapshotsAsync(string? clusterId, CancellationToken ct)
        => ListAsync("DescribeClusterSnapshots", () => new QueryParameters().Add("ClusterIdentifier", clusterId)
            .Add("SnapshotType", "manual"),
            "Snapshots", "Snapshot", RedshiftXml.Snapshot, ct);

    public Task DeleteSnapshotAsync(string id, CancellationToken ct)
        => CallAsync("DeleteClusterSnapshot", new QueryParameters().Add("SnapshotIdentifier", id), ct);

    public Task<SubnetGroupInfo?> FindSubnetGroupAsync(
        string name, CancellationToken ct) => guard.FindAsync("DescribeClusterSubnetGroups", async within =>
    {
        var result = await wire.QueryAsync("DescribeClusterSubnetGroups", new QueryParameters().Add("ClusterSubnetGroupName", name), within);
        return result.Items("ClusterSubnetGroups", "ClusterSubnetGroup").Select(RedshiftXml.SubnetGroup).FirstOrDefault()
            ?? throw new AwsException(AwsFault.Missing, $"There is no subnet group {name}.");
    }, ct);

    public Task<IReadOnlyList<SubnetGroupInfo>> ListSubnetGroupsAsync(string? tag, string? value, CancellationToken ct)
        => ListAsync(
            "DescribeClusterSubnetGroups", () => Tagged(tag, value), "ClusterSubnetGroups", "ClusterSubnetGroup", RedshiftXml.SubnetGroup,
            ct);

    public Task CreateSubnetGroupAsync(
        string name, string description, IReadOnlyList<string> subnets, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
        => CallAsync("CreateClusterSubnetGroup", new QueryParameters().Add("ClusterSubnetGroupName", name).Add("Description", description)
            .AddList("SubnetIds.SubnetIdentifier", subnets).AddTags("Tags.Tag", tags), ct);

    public Task DeleteSubnetGroupAsync(string name, CancellationToken ct)
        => CallAsync("DeleteClusterSubnetGroup", new QueryParameters().Add("ClusterSubnetGroupName", name), ct);

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken ct)
        => CallAsync("CreateTags", new QueryParameters().Add("ResourceName", arn).AddTags("Tags.Tag", tags), ct);

    public Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken ct)
        => CallAsync("DeleteTags", new QueryParameters().Add("ResourceName", arn).AddList("TagKeys.TagKey", keys), ct);

    public async Task<TemporaryLogin> GetLoginAsync(string clusterId, string user, string database, TimeSpan life, CancellationToken ct)
    {
        var result = await CallAsync("GetClusterCredentials", Named(clusterId).Add("DbUser", user).Add("DbName", database)
            .Add("DurationSeconds", (int)Math.Clamp(life.TotalSeconds, 900, 3600)), ct);
        return new TemporaryLogin(result.TextOrEmpty("DbUser"), result.TextOrEmpty("DbPassword"), result.Time("Expiration"));
    }

    private static QueryParameters Named(string id) => new QueryParameters().Add("ClusterIdentifier", id);

    private static QueryParameters Tagged(string? tag, string? value)
        => new QueryParameters().Add("TagKeys.TagKey.1", tag).Add("TagValues.TagValue.1", value);

    private Task<XElement> CallAsync(string action, QueryParameters parameters, CancellationToken ct)
        => guard.CallAsync(action, within => wire.QueryAsync(action, parameters, within), ct);

    private async Task<IReadOnlyList<T>> ListAsync<T>(
        string action, Func<QueryParameters> parameters, string list, string item, Func<XElement, T> read, CancellationToken ct)
    {
        List<T> all = [];
        string? marker = null;
        do
        {
            var page = await CallAsync(action, parameters().Add("Marker", marker), ct);
            all.AddRange(page.Items(list, item).Select(read));
            marker = page.Text("Marker");
        }
        while (marker is not null);
        return all;
    }
}
