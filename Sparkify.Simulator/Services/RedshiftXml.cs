using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>How Redshift shows things; what is not there yet (an endpoint while creating) is left out, as AWS does.</summary>
internal static class RedshiftXml
{
    public static XElement Of(Cluster cluster, QueryCall call, bool blink = false)
    {
        var created = cluster.CreatedAt is not null;
        return new XElement("Cluster",
            new XElement("ClusterIdentifier", cluster.Id),
            new XElement("NodeType", cluster.NodeType),
            new XElement("ClusterStatus", blink ? "modifying" : cluster.Status),
            new XElement("ClusterAvailabilityStatus", blink ? "Modifying" : cluster.Availability),
            blink || cluster.Pending is not null ? new XElement("ModifyStatus", "applying") : null,
            new XElement("MasterUsername", cluster.MasterUsername),
            new XElement("DBName", cluster.Database),
            created
                ? new XElement("Endpoint", new XElement("Address", cluster.Endpoint.Host), new XElement("Port", cluster.Endpoint.Port))
                : null,
            created ? new XElement("ClusterCreateTime", Wire.Time(cluster.CreatedAt!.Value)) : null,
            new XElement("AutomatedSnapshotRetentionPeriod", cluster.SnapshotRetention),
            new XElement("ManualSnapshotRetentionPeriod", cluster.ManualSnapshotRetention),
            new XElement("ClusterSecurityGroups"),
            new XElement("VpcSecurityGroups", cluster.SecurityGroups.Select(g => new XElement("VpcSecurityGroup",
                new XElement("VpcSecurityGroupId", g), new XElement("Status", "active")))),
            new XElement("ClusterParameterGroups", new XElement("ClusterParameterGroup",
                new XElement("ParameterGroupName", cluster.ParameterGroup),
                new XElement("ParameterApplyStatus", cluster.ParametersPending ? "pending-reboot" : "in-sync"))),
            new XElement("ClusterSubnetGroupName", cluster.SubnetGroup),
            new XElement("VpcId", cluster.VpcId),
            new XElement("AvailabilityZone", cluster.Zone),
            new XElement("PreferredMaintenanceWindow", cluster.MaintenanceWindow),
            new XElement("PendingModifiedValues",
                cluster.Pending?.MasterPassword is null ? null : new XElement("MasterUserPassword", "****"),
                Wire.Optional("NodeType", cluster.Pending?.NodeType),
                Wire.Optional("NumberOfNodes", cluster.Pending?.Nodes),
                Wire.Optional("PubliclyAccessible", cluster.Pending?.PubliclyAccessible)),
            new XElement("ClusterVersion", "1.0"),
            Wire.Flag("AllowVersionUpgrade", true),
            new XElement("NumberOfNodes", cluster.Nodes),
            Wire.Flag("PubliclyAccessible", cluster.PubliclyAccessible),
            Wire.Flag("Encrypted", true),
            Wire.Tags("Tags", "Tag", "Key", "Value", cluster.Tags),
            new XElement("IamRoles", cluster.Roles.Select(r => new XElement("ClusterIamRole",
                new XElement("IamRoleArn", r.Arn), new XElement("ApplyStatus", r.StatusAt(call.Now))))),
            new XElement("ClusterNamespaceArn", cluster.NamespaceArn),
            Wire.Optional("MasterPasswordSecretArn", cluster.Secret?.Arn),
            created ? new XElement("ClusterNodes", Nodes(cluster)) : null,
            cluster.RestoredFrom is null ? null : new XElement("RestoreStatus", new XElement("Status", RestoreOf(cluster, call))));
    }

    private static string RestoreOf(Cluster cluster, QueryCall call)
    {
        var copy = call.World.Sql?.CopyOf(cluster) ?? Task.CompletedTask;
        return copy.IsFaulted ? "failed" : cluster.CreatedAt is not null && copy.IsCompleted ? "completed" : "restoring";
    }

    /// <summary>The leader and the nodes that compute, or the one that is both; public addresses are of the range for examples.</summary>
    private static IEnumerable<XElement> Nodes(Cluster cluster)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(cluster.NamespaceArn));
        return Enumerable.Range(0, cluster.Nodes == 1 ? 1 : cluster.Nodes + 1).Select(n => new XElement("member",
            new XElement("NodeRole", cluster.Nodes == 1 ? "SHARED" : n == 0 ? "LEADER" : $"COMPUTE-{n - 1}"),
            new XElement("PrivateIPAddress", $"172.31.{seed[0] % 48}.{4 + ((seed[1] + n) % 250)}"),
            cluster.PubliclyAccessible ? new XElement("PublicIPAddress", $"203.0.113.{1 + ((seed[2] + n) % 254)}") : null));
    }

    /// <summary>A snapshot is there when its time has come and its data has been copied.</summary>
    public static string StatusOf(Snapshot snapshot, QueryCall call)
    {
        var copy = call.World.Sql?.CopyOf(snapshot) ?? Task.CompletedTask;
        return copy.IsFaulted ? "failed" : snapshot.ReadyAt <= call.Now && copy.IsCompleted ? "available" : "creating";
    }

    public static XElement Of(Snapshot snapshot, QueryCall call) => new("Snapshot",
        new XElement("SnapshotIdentifier", snapshot.Id),
        new XElement("ClusterIdentifier", snapshot.ClusterId),
        new XElement("SnapshotCreateTime", Wire.Time(snapshot.CreatedAt)),
        new XElement("Status", StatusOf(snapshot, call)),
        new XElement("SnapshotType", "manual"),
        new XElement("Port", snapshot.Of.Endpoint.Port),
        new XElement("AvailabilityZone", snapshot.Of.Zone),
        Wire.Optional("ClusterCreateTime", snapshot.Of.CreatedAt is { } created ? Wire.Time(created) : null),
        new XElement("ClusterVersion", "1.0"),
        new XElement("VpcId", snapshot.Of.VpcId),
        new XElement("OwnerAccount", call.World.Account),
        new XElement("NodeType", snapshot.Of.NodeType),
        new XElement("NumberOfNodes", snapshot.Of.Nodes),
        new XElement("DBName", snapshot.Of.Database),
        new XElement("MasterUsername", snapshot.Of.MasterUsername),
        Wire.Flag("Encrypted", true),
        new XElement("TotalBackupSizeInMegaBytes", 100.0),
        new XElement("ManualSnapshotRetentionPeriod", snapshot.RetentionDays),
        Wire.Tags("Tags", "Tag", "Key", "Value", snapshot.Tags),
        new XElement("SnapshotArn", SnapshotArn(call, snapshot)));

    public static string ClusterArn(QueryCall call, string id) => $"arn:aws:redshift:{call.Region.Name}:{call.World.Account}:cluster:{id}";

    public static string SnapshotArn(QueryCall call, Snapshot s) =>
        $"arn:aws:redshift:{call.Region.Name}:{call.World.Account}:snapshot:{s.ClusterId}/{s.Id}";

    public static string ParameterGroupArn(QueryCall call, string name) =>
        $"arn:aws:redshift:{call.Region.Name}:{call.World.Account}:parametergroup:{name}";

    public static string SubnetGroupArn(QueryCall call, string name) =>
        $"arn:aws:redshift:{call.Region.Name}:{call.World.Account}:subnetgroup:{name}";

    /// <summary>Those with one of the asked keys and one of the asked values.</summary>
    public static IEnumerable<T> Tagged<T>(QueryCall call, IEnumerable<T> all, Func<T, Dictionary<string, string>> tags)
    {
        var keys = call.Form.List("TagKeys.TagKey");
        var values = call.Form.List("TagValues.TagValue");
        return all.Where(
            item => (keys.Count == 0 || keys.Any(tags(item).ContainsKey)) && (values.Count == 0 || values.Any(tags(item).ContainsValue)));
    }

    public static IEnumerable<XElement> Paged<T>(QueryCall call, IEnumerable<T> all, string list, Func<T, XElement> show)
    {
        var (items, marker) = Wire.Page(all, call.Form["Marker"], Wire.PageSize(call.Form, "MaxRecords", 20, 100, 100), "Marker");
        yield return new XElement(list, items.Select(show));
        if (marker is not null)
        {
            yield return new XElement("Marker", marker);
        }
    }
}
