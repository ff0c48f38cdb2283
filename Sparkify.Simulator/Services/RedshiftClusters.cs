using System.Security.Cryptography;
using System.Text.Json;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: the life of clusters.</summary>
internal static class RedshiftClusters
{
    public const string NormalWindow = "sun:05:00-sun:05:30";

    private const string Busy = "There is an operation running on the Cluster. Please try to delete it at a later time.";

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["CreateCluster"] = Create,
        ["DescribeClusters"] = Describe,
        ["DeleteCluster"] = Delete,
        ["PauseCluster"] = Pause,
        ["ResumeCluster"] = Resume,
        ["ModifyClusterIamRoles"] = ModifyRoles,
    };

    private static XElement[] Create(QueryCall call)
    {
        var form = call.Form;
        var id = RedshiftRules.Identifier(form.Require("ClusterIdentifier"), "ClusterIdentifier");
        var nodeType = form.Require("NodeType");
        var nodes = RedshiftRules.Nodes(form, nodeType);
        var user = RedshiftRules.MasterUser(form);
        RedshiftRules.RequireManaging(call);
        var managed = RedshiftRules.ManagedPassword(form) && call.Faults.ManagedPasswords == ManagedPasswords.Known;
        var port = RedshiftRules.Port(form);
        if (form.Flag("Encrypted") == false)
        {
            throw AwsErrorException.Value("Encrypted must be true: unencrypted clusters can no longer be created.");
        }

        RequireRoom(call, id, nodes);
        var group = SubnetGroupOf(call);
        var tags = form.Tags("Tags.Tag");
        var namespaceArn = NewNamespace(call);
        var cluster = new Cluster
        {
            Id = id,
            NodeType = nodeType,
            ClusterType = nodes == 1 ? "single-node" : "multi-node",
            Nodes = nodes,
            MasterUsername = user,
            Database = RedshiftRules.Database(form),
            Endpoint = Reserve(call, id, namespaceArn, port),
            PubliclyAccessible = form.Flag("PubliclyAccessible") ?? false,
            VpcId = group?.VpcId ?? call.Region.Vpcs.Values.First(v => v.IsDefault).Id,
            Zone = form["AvailabilityZone"] ?? group?.Subnets[0].Zone ?? call.Region.Zones.First(),
            SubnetGroup = group?.Name ?? "default",
            SecurityGroups = SecurityGroupsOf(call) ?? [call.Region.DefaultGroup],
            SnapshotRetention = RedshiftRules.SnapshotRetention(form),
            ManualSnapshotRetention = RedshiftRules.ManualRetention(form, "ManualSnapshotRetentionPeriod"),
            ParameterGroup = RedshiftParameters.Find(call, form["ClusterParameterGroupName"]).Name,
            MaintenanceWindow = form["PreferredMaintenanceWindow"] ?? NormalWindow,
            NamespaceArn = namespaceArn,
            // Overlooked: it has one, and nobody is told.
            MasterPassword = form["MasterUserPassword"] ?? (managed ? null : Guid.NewGuid().ToString("N")),
            Tags = tags,
            Secret = managed ? NewSecret(call, id, user) : null,
        };
        return [RedshiftXml.Of(Begin(call, cluster), call)];
    }

    /// <summary>Puts a new cluster there, with the roles the call gives it.</summary>
    public static Cluster Begin(QueryCall call, Cluster cluster)
    {
        cluster.Roles.AddRange(call.Form.List("IamRoles.IamRoleArn")
            .Select(arn => new AttachedRole(RedshiftRules.UsableRole(call, arn), DateTimeOffset.MaxValue)));
        cluster.BeginCreating(call.Now, call.World.Options.Delays);
        call.Region.Clusters[cluster.Id] = cluster;
        if (cluster.Secret is { } secret)
        {
            call.Region.Secrets[secret.Arn] = secret;
        }

        var subnet = call.Region.Subnets.Values.First(s => s.VpcId == cluster.VpcId);
        var face = new NetworkInterface(
            call.World.NewId("eni"), cluster.Id, subnet.Id, subnet.VpcId, cluster.SecurityGroups, ReleasedAt: null);
        call.Region.Interfaces[face.Id] = face;
        return cluster;
    }

    public static string NewNamespace(QueryCall call) =>
        $"arn:aws:redshift:{call.Region.Name}:{call.World.Account}:namespace:{Guid.NewGuid()}";

    /// <summary>Where a new cluster answers SQL.</summary>
    public static SqlAddress Reserve(QueryCall call, string id, string namespaceArn, int port)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(call.Region.Name)))[..12];
        return call.World.Sql?.Reserve(namespaceArn[^12..]) ?? (call.World.Options.SqlEndpoint is var (host, sqlPort)
            ? new SqlAddress(host, sqlPort) : new SqlAddress($"{id}.{hash}.{call.Region.Name}.redshift.simulated.invalid", port));
    }

    private static IEnumerable<XElement> Describe(QueryCall call)
    {
        IEnumerable<Cluster> clusters = call.Form["ClusterIdentifier"] is null ? call.Region.Clusters.Values : [Find(call)];
        clusters = RedshiftXml.Tagged(call, clusters, static c => c.Tags);
        return RedshiftXml.Paged(call, clusters, "Clusters", cluster => RedshiftXml.Of(cluster, call, cluster.Blinks(call.Faults.Blinks)));
    }

    private static XElement[] Delete(QueryCall call)
    {
        var cluster = Find(call);
        var skip = call.Form.Flag("SkipFinalClusterSnapshot") ?? false;
        var snapshot = call.Form["FinalClusterSnapshotIdentifier"];
        if (skip != snapshot is null)
        {
            throw AwsErrorException.Combination(skip
                ? "FinalClusterSnapshotIdentifier cannot be specified when SkipFinalClusterSnapshot is true."
                : "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.");
        }

        var days = RedshiftRules.ManualRetention(call.Form, "FinalClusterSnapshotRetentionPeriod");
        if (cluster.IsBusy)
        {
            throw new AwsErrorException("InvalidClusterState", Busy);
        }

        if (snapshot is not null)
        {
            RedshiftSnapshots.Take(
                call, RedshiftRules.Identifier(snapshot, "FinalClusterSnapshotIdentifier", 255), cluster, days,
                call.World.Options.Delays.FinalSnapshot, new(StringComparer.Ordinal));
        }

        cluster.BeginDeleting(call.Now, call.World.Options.Delays, finalSnapshot: snapshot is not null);
        return [RedshiftXml.Of(cluster, call)];
    }

    private static XElement[] Pause(QueryCall call)
    {
        var cluster = Find(call);
        if (cluster.IsBusy || cluster.Status != "available")
        {
            throw new AwsErrorException(
                "InvalidClusterState", $"You can only pause a cluster that is available; {cluster.Id} is {cluster.Status}.");
        }

        cluster.BeginPausing(call.Now, call.World.Options.Delays);
        return [RedshiftXml.Of(cluster, call)];
    }

    private static XElement[] Resume(QueryCall call)
    {
        var cluster = Find(call);
        if (cluster.IsBusy || cluster.Status != "paused")
        {
            throw new AwsErrorException(
                "InvalidClusterState", $"You can only resume a cluster that is paused; {cluster.Id} is {cluster.Status}.");
        }

        cluster.BeginResuming(call.Now, call.World.Options.Delays);
        return [RedshiftXml.Of(cluster, call)];
    }

    private static XElement[] ModifyRoles(QueryCall call)
    {
        var cluster = Find(call);
        if (cluster.IsBusy || cluster.Status != "available")
        {
            throw new AwsErrorException(
                "InvalidClusterState",
                "The Cluster is being modified by a concurrent operation. Please check the Cluster's status and try again.");
        }

        var settled = call.Now + call.World.Options.Delays.RoleSync;
        foreach (var arn in call.Form.List("AddIamRoles.IamRoleArn").Where(arn => cluster.Roles.TrueForAll(r => r.Arn != arn)))
        {
            cluster.Roles.Add(new AttachedRole(RedshiftRules.UsableRole(call, arn), settled));
        }

        foreach (var role in cluster.Roles.Where(r => call.Form.List("RemoveIamRoles.IamRoleArn").Contains(r.Arn)))
        {
            role.Leaving = true;
            role.SettledAt = settled;
        }

        return [RedshiftXml.Of(cluster, call)];
    }

    /// <summary>Refuses a cluster that is there already or is one too many.</summary>
    public static void RequireRoom(QueryCall call, string id, int nodes)
    {
        if (call.Region.Clusters.ContainsKey(id))
        {
            throw new AwsErrorException("ClusterAlreadyExists", $"Cluster already exists: {id}");
        }

        var quotas = call.World.Options.Quotas;
        if (call.Region.Clusters.Count >= quotas.Clusters)
        {
            throw new AwsErrorException("ClusterQuotaExceeded", $"You have reached the quota of {quotas.Clusters} clusters.");
        }

        if (call.Region.Clusters.Values.Sum(c => c.Nodes) + nodes > quotas.Nodes)
        {
            throw new AwsErrorException("NumberOfNodesQuotaExceeded", $"The request would exceed the quota of {quotas.Nodes} nodes.");
        }
    }

    /// <summary>The subnet group a call names; none for the default one.</summary>
    public static SubnetGroup? SubnetGroupOf(QueryCall call) =>
        call.Form["ClusterSubnetGroupName"] is not { } given || RedshiftRules.Fold(given) is not { } name || name == "default" ? null
        : call.Region.SubnetGroups.GetValueOrDefault(name)
            ?? throw new AwsErrorException("ClusterSubnetGroupNotFoundFault", $"Cluster subnet group {name} not found.");

    /// <summary>The security groups a call names; none when it names none.</summary>
    public static IReadOnlyList<string>? SecurityGroupsOf(QueryCall call)
    {
        var ids = call.Form.List("VpcSecurityGroupIds.VpcSecurityGroupId");
        return ids.FirstOrDefault(id => !call.Region.Groups.ContainsKey(id)) is { } unknown
            ? throw AwsErrorException.Value($"Invalid security group: {unknown}")
            : ids.Count > 0 ? ids : null;
    }

    /// <summary>A secret for a managed password.</summary>
    public static Secret NewSecret(QueryCall call, string cluster, string user)
    {
        var name = $"redshift!{cluster}-{user}";
        var arn = $"arn:aws:secretsmanager:{call.Region.Name}:{call.World.Account}:secret:{name}-{call.World.NewId("s")[2..8]}";
        return new Secret(arn, name, Secret.NewText(user), call.Now, new(StringComparer.Ordinal) { ["aws:redshift:cluster"] = cluster });
    }

    /// <summary>The cluster that a call names.</summary>
    public static Cluster Find(QueryCall call)
    {
        var id = RedshiftRules.Fold(call.Form.Require("ClusterIdentifier"));
        return call.Region.Clusters.GetValueOrDefault(id) ?? throw new AwsErrorException(
            "ClusterNotFound", $"Cluster {id} not found.", 404);
    }
}
