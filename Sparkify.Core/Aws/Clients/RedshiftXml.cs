using System.Globalization;
using System.Xml.Linq;
using Sparkify.Core.Aws.Wire;

namespace Sparkify.Core.Aws.Clients;

/// <summary>Reads what Redshift shows.</summary>
internal static class RedshiftXml
{
    public static ClusterInfo Cluster(XElement e) => new()
    {
        Id = e.TextOrEmpty("ClusterIdentifier"),
        Status = e.TextOrEmpty("ClusterStatus"),
        Availability = e.Text("ClusterAvailabilityStatus"),
        ModifyStatus = e.Text("ModifyStatus"),
        NodeType = e.Text("NodeType"),
        Nodes = e.Number("NumberOfNodes"),
        Host = e.Element("Endpoint")?.Text("Address"),
        Port = e.Element("Endpoint")?.Number("Port"),
        Database = e.Text("DBName"),
        MasterUser = e.Text("MasterUsername"),
        SecretArn = e.Text("MasterPasswordSecretArn"),
        VpcId = e.Text("VpcId"),
        SubnetGroup = e.Text("ClusterSubnetGroupName"),
        Restore = e.Element("RestoreStatus")?.Text("Status"),
        Encrypted = e.Flag("Encrypted"),
        PubliclyAccessible = e.Flag("PubliclyAccessible"),
        // The names only: among the pending values can be a password.
        Pending = [.. (e.Element("PendingModifiedValues")?.Elements() ?? []).Select(static v => v.Name.LocalName),
            .. e.Items("PendingActions", "member").Select(static a => a.Value)],
        Roles = e.Pairs("IamRoles", "ClusterIamRole", "IamRoleArn", "ApplyStatus"),
        SecurityGroups = [.. e.Items("VpcSecurityGroups", "VpcSecurityGroup").Select(static g => g.TextOrEmpty("VpcSecurityGroupId"))],
        Tags = e.Pairs("Tags", "Tag", "Key", "Value"),
    };

    public static SnapshotInfo Snapshot(XElement e) => new(
        e.TextOrEmpty("SnapshotIdentifier"), e.TextOrEmpty("ClusterIdentifier"), e.TextOrEmpty("Status"), e.Time("SnapshotCreateTime"),
        double.TryParse(e.Text("TotalBackupSizeInMegaBytes"), NumberStyles.Float, CultureInfo.InvariantCulture, out var size) ? size : null,
        e.Number("ManualSnapshotRetentionPeriod"), e.Pairs("Tags", "Tag", "Key", "Value"))
    {
        NodeType = e.Text("NodeType"),
        Nodes = e.Number("NumberOfNodes"),
    };

    public static SubnetGroupInfo SubnetGroup(XElement e) => new(
        e.TextOrEmpty("ClusterSubnetGroupName"), e.TextOrEmpty("VpcId"),
        [.. e.Items("Subnets", "Subnet").Select(static s => s.TextOrEmpty("SubnetIdentifier"))], e.Pairs("Tags", "Tag", "Key", "Value"));
}
