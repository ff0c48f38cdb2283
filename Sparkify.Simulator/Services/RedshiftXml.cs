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
            blink ? new XElement("ModifyStatus", "applying") : null,
            new XElement("MasterUsername", cluster.MasterUsername),
            new XElement("DBName", cluster.Database),
            created
                ? new XElement("Endpoint", new XElement("Address", cluster.Endpoint.Host), new XElement("Port", cluster.Endpoint.Port))
                : null,
            created ? new XElement("ClusterCreateTime", Wire.Time(cluster.CreatedAt!.Value)) : null,
            new XElement("AutomatedSnapshotRetentionPeriod", cluster.SnapshotRetention),
            new XElement("ManualSnapshotRetentionPeriod", -1),
            new XElement("VpcSecurityGroups", cluster.SecurityGroups.Select(g => new XElement("VpcSecurityGroup",
                new XElement("VpcSecurityGroupId", g), new XElement("Status", "active")))),
            new XElement("ClusterSubnetGroupName", cluster.SubnetGroup),
            new XElement("VpcId", cluster.VpcId),
            new XElement("AvailabilityZone", cluster.Zone),
            new XElement("PendingModifiedValues"),
            new XElement("ClusterVersion", "1.0"),
            Wire.Flag("AllowVersionUpgrade", true),
            new XElement("NumberOfNodes", cluster.Nodes),
            Wire.Flag("PubliclyAccessible", cluster.PubliclyAccessible),
            Wire.Flag("Encrypted", true),
            Wire.Tags("Tags", "Tag", "Key", "Value", cluster.Tags),
            new XElement("IamRoles", cluster.Roles.Select(r => new XElement("ClusterIamRole",
                new XElement("IamRoleArn", r.Arn), new XElement("ApplyStatus", r.StatusAt(call.Now))))),
            new XElement("ClusterNamespaceArn", cluster.NamespaceArn),
            Wire.Optional("MasterPasswordSecretArn", cluster.Secret?.Arn));
    }

    public static XElement Of(Snapshot snapshot, QueryCall call) => new("Snapshot",
        new XElement("SnapshotIdentifier", snapshot.Id),
        new XElement("ClusterIdentifier", snapshot.ClusterId),
        new XElement("SnapshotCreateTime", Wire.Time(snapshot.CreatedAt)),
        new XElement("Status", snapshot.ReadyAt <= call.Now ? "available" : "creating"),
        new XElement("SnapshotType", "manual"),
        new XElement("Port", snapshot.Of.Port),
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
