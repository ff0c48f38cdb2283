namespace Sparkify.Core.Aws;

/// <summary>A cluster to be created: encrypted, with a managed master password; there is no other kind here.</summary>
public sealed record NewCluster
{
    /// <summary>Its identifier: lower-case letters, digits and single hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>Such as <c>ra3.large</c>.</summary>
    public required string NodeType { get; init; }

    /// <summary>How many nodes; one makes a single-node cluster.</summary>
    public required int Nodes { get; init; }

    /// <summary>The first database's name.</summary>
    public required string Database { get; init; }

    /// <summary>The master user's name.</summary>
    public required string MasterUser { get; init; }

    /// <summary>The port it answers SQL on.</summary>
    public int Port { get; init; } = 5439;

    /// <summary>Whether it has a public address.</summary>
    public bool PubliclyAccessible { get; init; }

    /// <summary>How many days automated snapshots are kept, 1 to 35.</summary>
    public int SnapshotDays { get; init; } = 1;

    /// <summary>The subnet group it stands in; none for the account's default.</summary>
    public string? SubnetGroup { get; init; }

    /// <summary>The ids of its security groups.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];

    /// <summary>The ARNs of the roles it may take on.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A cluster as AWS shows it; while it is created much of it is missing (aws-terminator#86).</summary>
public sealed record ClusterInfo
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>Such as <c>available</c>; an open list.</summary>
    public required string Status { get; init; }

    /// <summary>Such as <c>Available</c>.</summary>
    public string? Availability { get; init; }

    /// <summary>What of a modification is under way; none when nothing is.</summary>
    public string? ModifyStatus { get; init; }

    /// <summary>Its node type.</summary>
    public string? NodeType { get; init; }

    /// <summary>How many nodes it has.</summary>
    public int? Nodes { get; init; }

    /// <summary>The host it answers SQL on.</summary>
    public string? Host { get; init; }

    /// <summary>The port it answers SQL on.</summary>
    public int? Port { get; init; }

    /// <summary>The first database's name.</summary>
    public string? Database { get; init; }

    /// <summary>The master user's name.</summary>
    public string? MasterUser { get; init; }

    /// <summary>The secret that holds the master password.</summary>
    public string? SecretArn { get; init; }

    /// <summary>The virtual network it stands in.</summary>
    public string? VpcId { get; init; }

    /// <summary>The subnet group it stands in.</summary>
    public string? SubnetGroup { get; init; }

    /// <summary>How far it is made from a snapshot, such as <c>completed</c>; none for one that began empty.</summary>
    public string? Restore { get; init; }

    /// <summary>Whether its data is encrypted.</summary>
    public bool? Encrypted { get; init; }

    /// <summary>Whether it has a public address.</summary>
    public bool? PubliclyAccessible { get; init; }

    /// <summary>Changes that wait to be made.</summary>
    public IReadOnlyList<string> Pending { get; init; } = [];

    /// <summary>Its roles, each with how far it is (<c>in-sync</c>, <c>adding</c>, <c>removing</c>).</summary>
    public IReadOnlyDictionary<string, string> Roles { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The ids of its security groups.</summary>
    public IReadOnlyList<string> SecurityGroups { get; init; } = [];

    /// <summary>Its tags.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A last snapshot to be taken when a cluster is deleted.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="RetentionDays">How long it is kept, 1 to 3653 days; AWS's own default is for ever, so it has to be said.</param>
public sealed record FinalSnapshot(string Id, int RetentionDays);

/// <summary>A manual snapshot.</summary>
public sealed record SnapshotInfo(
    string Id, string ClusterId, string Status, DateTimeOffset? CreatedAt, double? MegaBytes, int? RetentionDays,
    IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>The node type of its cluster, which one that is made from it has, too.</summary>
    public string? NodeType { get; init; }

    /// <summary>How many nodes that had.</summary>
    public int? Nodes { get; init; }
}

/// <summary>A node type that can be ordered in the region.</summary>
public sealed record OrderableNode(string NodeType, bool SingleNode, bool MultiNode);

/// <summary>A subnet group.</summary>
public sealed record SubnetGroupInfo(string Name, string VpcId, IReadOnlyList<string> Subnets, IReadOnlyDictionary<string, string> Tags);

/// <summary>A database login that ends by itself.</summary>
public sealed record TemporaryLogin(string User, string Password, DateTimeOffset? ExpiresAt)
{
    /// <summary>Never the password.</summary>
    public override string ToString() => $"TemporaryLogin({User})";
}

/// <summary>Amazon Redshift, API 2012-12-01: provisioned clusters.</summary>
public interface IRedshiftClient
{
    /// <summary>Begins to create a cluster; a conflict when the identifier is taken.</summary>
    Task<ClusterInfo> CreateClusterAsync(NewCluster cluster, CancellationToken ct);

    /// <summary>
    /// Begins to create a cluster with what a snapshot holds. Size, database and master user are the snapshot's, its tags are put on
    /// afterwards. Missing when there is no such snapshot, a conflict when the identifier is taken.
    /// </summary>
    Task<ClusterInfo> RestoreClusterAsync(NewCluster cluster, string snapshot, CancellationToken ct);

    /// <summary>A cluster by its identifier, or none.</summary>
    Task<ClusterInfo?> FindClusterAsync(string id, CancellationToken ct);

    /// <summary>The clusters that carry a tag; all without one.</summary>
    Task<IReadOnlyList<ClusterInfo>> ListClustersAsync(string? tag, string? value, CancellationToken ct);

    /// <summary>Begins to delete a cluster, with a last snapshot or expressly without.</summary>
    Task DeleteClusterAsync(string id, FinalSnapshot? snapshot, CancellationToken ct);

    /// <summary>Begins to pause a cluster.</summary>
    Task PauseClusterAsync(string id, CancellationToken ct);

    /// <summary>Begins to resume a paused cluster.</summary>
    Task ResumeClusterAsync(string id, CancellationToken ct);

    /// <summary>Gives a cluster roles and takes others away.</summary>
    Task ChangeRolesAsync(string id, IReadOnlyList<string> add, IReadOnlyList<string> remove, CancellationToken ct);

    /// <summary>What can be ordered in the region just now.</summary>
    Task<IReadOnlyList<OrderableNode>> ListOrderableAsync(CancellationToken ct);

    /// <summary>The manual snapshots, of one cluster or of all.</summary>
    Task<IReadOnlyList<SnapshotInfo>> ListSnapshotsAsync(string? clusterId, CancellationToken ct);

    /// <summary>Deletes a manual snapshot.</summary>
    Task DeleteSnapshotAsync(string id, CancellationToken ct);

    /// <summary>A subnet group by name, or none.</summary>
    Task<SubnetGroupInfo?> FindSubnetGroupAsync(string name, CancellationToken ct);

    /// <summary>The subnet groups that carry a tag; all without one.</summary>
    Task<IReadOnlyList<SubnetGroupInfo>> ListSubnetGroupsAsync(string? tag, string? value, CancellationToken ct);

    /// <summary>Creates a subnet group.</summary>
    Task CreateSubnetGroupAsync(
        string name, string description, IReadOnlyList<string> subnets, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>Deletes a subnet group.</summary>
    Task DeleteSubnetGroupAsync(string name, CancellationToken ct);

    /// <summary>Adds tags to a resource by its ARN.</summary>
    Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken ct);

    /// <summary>Takes tags off a resource.</summary>
    Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken ct);

    /// <summary>A temporary login for a database user (GetClusterCredentials, 900 to 3600 s).</summary>
    Task<TemporaryLogin> GetLoginAsync(string clusterId, string user, string database, TimeSpan life, CancellationToken ct);
}
