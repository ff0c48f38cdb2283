using System.Globalization;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: snapshots, and clusters that are made from them.</summary>
internal static class RedshiftSnapshots
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["CreateClusterSnapshot"] = Create,
        ["DescribeClusterSnapshots"] = Describe,
        ["DeleteClusterSnapshot"] = Delete,
        ["RestoreFromClusterSnapshot"] = Restore,
    };

    /// <summary>Takes a snapshot of a cluster as it is at this moment.</summary>
    public static Snapshot Take(
        QueryCall call, string id, Cluster cluster, int days, TimeSpan takes, Dictionary<string, string> tags)
    {
        if (call.Region.Snapshots.ContainsKey(id))
        {
            throw new AwsErrorException("ClusterSnapshotAlreadyExists",
                $"Cannot create the snapshot because a snapshot with the identifier {id} already exists.");
        }

        var snapshot = new Snapshot(id, cluster.Id, call.Now, call.Now + takes, days, cluster.Copy())
        {
            Key = Guid.NewGuid().ToString("N")[^12..],
            Tags = tags,
        };
        call.Region.Snapshots[id] = snapshot;
        Note(call, snapshot, "REDSHIFT-EVENT-2009", $"A user snapshot {id} for cluster {cluster.Id} started at {RedshiftEvent.Time(call.Now)}.");
        return snapshot;
    }

    private static XElement[] Create(QueryCall call)
    {
        var id = RedshiftRules.Identifier(call.Form.Require("SnapshotIdentifier"), "SnapshotIdentifier", 255);
        var cluster = RedshiftClusters.Find(call);
        var days = call.Form["ManualSnapshotRetentionPeriod"] is null ? cluster.ManualSnapshotRetention
            : RedshiftRules.ManualRetention(call.Form, "ManualSnapshotRetentionPeriod");
        if (cluster.IsBusy || cluster.Status != "available")
        {
            throw new AwsErrorException("InvalidClusterState", "The specified cluster is not in the available state.");
        }

        return [RedshiftXml.Of(Take(call, id, cluster, days, call.World.Options.Delays.Snapshot, call.Form.Tags("Tags.Tag")), call)];
    }

    private static IEnumerable<XElement> Describe(QueryCall call)
    {
        var (form, of) = (call.Form, call.Form["ClusterIdentifier"] is { } name ? RedshiftRules.Fold(name) : null);
        if (of is not null && form["SnapshotIdentifier"] is not null)
        {
            throw AwsErrorException.Combination("Either ClusterIdentifier or SnapshotIdentifier can be specified, not both.");
        }

        var (from, to) = (form.Moment("StartTime"), form.Moment("EndTime"));
        IEnumerable<Snapshot> snapshots = form["SnapshotIdentifier"] is null && form["SnapshotArn"] is null
            ? call.Region.Snapshots.Values : [Find(call)];
        snapshots = snapshots.Where(s => (of ?? s.ClusterId) == s.ClusterId && (from ?? s.CreatedAt) <= s.CreatedAt
            && (to ?? s.CreatedAt) >= s.CreatedAt && (form["SnapshotType"] ?? "manual") == "manual"
            && (form.Flag("ClusterExists") != true || call.Region.Clusters.ContainsKey(s.ClusterId)));
        return RedshiftXml.Paged(call, RedshiftXml.Tagged(call, snapshots, static s => s.Tags), "Snapshots", s => RedshiftXml.Of(s, call));
    }

    private static XElement[] Delete(QueryCall call)
    {
        var snapshot = Find(call);
        if (RedshiftXml.StatusOf(snapshot, call) == "creating")
        {
            throw new AwsErrorException("InvalidClusterSnapshotState", $"The snapshot {snapshot.Id} is not in the available state.");
        }

        call.Region.Snapshots.Remove(snapshot.Id);
        Note(call, snapshot, "REDSHIFT-EVENT-2013",
            $"The requested snapshot {snapshot.Id} of Amazon Redshift cluster {snapshot.ClusterId} was deleted at {RedshiftEvent.Time(call.Now)}.");
        var deleted = RedshiftXml.Of(snapshot, call);
        deleted.Element("Status")!.Value = "deleted";
        return [deleted];
    }

    private static XElement[] Restore(QueryCall call)
    {
        var form = call.Form;
        var id = RedshiftRules.Identifier(form.Require("ClusterIdentifier"), "ClusterIdentifier");
        if (form["SnapshotIdentifier"] is null == form["SnapshotArn"] is null)
        {
            throw AwsErrorException.Combination("Either SnapshotIdentifier or SnapshotArn must be specified, not both.");
        }

        var snapshot = Find(call);
        if (RedshiftXml.StatusOf(snapshot, call) != "available" || (call.World.Sql is not null && snapshot.Key is null))
        {
            throw new AwsErrorException("InvalidClusterSnapshotState", snapshot.Key is null && call.World.Sql is not null
                ? $"The snapshot {snapshot.Id} was taken by an earlier version of the simulator, which kept no data: there is nothing to restore."
                : $"The snapshot {snapshot.Id} is not in the available state.");
        }

        var was = snapshot.Of;
        var nodeType = form["NodeType"] ?? was.NodeType;
        var count = form.Int("NumberOfNodes") ?? was.Nodes;
        var nodes = RedshiftRules.Nodes(new QueryForm(count == 1 ? [new("ClusterType", "single-node")]
            : [new("NumberOfNodes", count.ToString(CultureInfo.InvariantCulture))]), nodeType);
        RedshiftClusters.RequireRoom(call, id, nodes);
        var group = RedshiftClusters.SubnetGroupOf(call);
        RedshiftRules.RequireManaging(call);
        var managed = (form.Flag("ManageMasterPassword") ?? false) && call.Faults.ManagedPasswords == ManagedPasswords.Known;
        var namespaceArn = RedshiftClusters.NewNamespace(call);
        var cluster = RedshiftClusters.Begin(call, new Cluster
        {
            Id = id,
            NodeType = nodeType,
            ClusterType = nodes == 1 ? "single-node" : "multi-node",
            Nodes = nodes,
            MasterUsername = was.MasterUsername,
            Database = was.Database,
            Endpoint = RedshiftClusters.Reserve(call, id, namespaceArn, form["Port"] is null ? was.Endpoint.Port
                : RedshiftRules.Port(form)),
            PubliclyAccessible = form.Flag("PubliclyAccessible") ?? false,
            VpcId = group?.VpcId ?? call.Region.Vpcs.Values.First(v => v.IsDefault).Id,
            Zone = form["AvailabilityZone"] ?? group?.Subnets[0].Zone ?? call.Region.Zones.First(),
            SubnetGroup = group?.Name ?? "default",
            SecurityGroups = RedshiftClusters.SecurityGroupsOf(call) ?? [call.Region.DefaultGroup],
            SnapshotRetention = form["AutomatedSnapshotRetentionPeriod"] is null ? was.SnapshotRetention
                : RedshiftRules.SnapshotRetention(form),
            ManualSnapshotRetention = form["ManualSnapshotRetentionPeriod"] is null ? was.ManualSnapshotRetention
                : RedshiftRules.ManualRetention(form, "ManualSnapshotRetentionPeriod"),
            MaintenanceWindow = form["PreferredMaintenanceWindow"] ?? was.MaintenanceWindow,
            ParameterGroup = RedshiftParameters.Find(call, form["ClusterParameterGroupName"]).Name,
            NamespaceArn = namespaceArn,
            RestoredFrom = snapshot.Key,
            // Unless it is to be managed, it is the one there was when the snapshot was taken.
            MasterPassword = managed ? null : was.KnownPassword,
            Secret = managed ? RedshiftClusters.NewSecret(call, id, was.MasterUsername) : null,
            Tags = call.Faults.BareRestores ? new(StringComparer.Ordinal) : new(snapshot.Of.Tags, StringComparer.Ordinal),
        });
        call.Region.Events.Add(new RedshiftEvent(id, "cluster", "REDSHIFT-EVENT-2008", "management",
            $"Your restore operation to create a new Amazon Redshift cluster {id} snapshot {snapshot.Id} was started at {RedshiftEvent.Time(call.Now)}.", call.Now));
        return [RedshiftXml.Of(cluster, call)];
    }

    private static Snapshot Find(QueryCall call)
    {
        var arn = call.Form["SnapshotArn"];
        var id = arn is null ? RedshiftRules.Fold(call.Form.Require("SnapshotIdentifier")) : arn[(arn.LastIndexOf('/') + 1)..];
        return call.Region.Snapshots.TryGetValue(id, out var snapshot) && (arn is null || RedshiftXml.SnapshotArn(call, snapshot) == arn)
            ? snapshot
            : throw new AwsErrorException("ClusterSnapshotNotFound", $"Snapshot {arn ?? id} not found.", 404);
    }

    private static void Note(QueryCall call, Snapshot snapshot, string id, string message) =>
        call.Region.Events.Add(new RedshiftEvent(snapshot.Id, "cluster-snapshot", id, "management", message, call.Now));
}
