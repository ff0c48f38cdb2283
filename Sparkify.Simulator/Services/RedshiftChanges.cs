using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: clusters that are modified and rebooted.</summary>
internal static class RedshiftChanges
{
    // What a real cluster can be changed in as well, and one of the simulator cannot.
    private static readonly string[] NotPlayed =
    [
        "NewClusterIdentifier", "Port", "KmsKeyId", "HsmClientCertificateIdentifier", "HsmConfigurationIdentifier", "ElasticIp", "AvailabilityZone",
        "AvailabilityZoneRelocation", "ClusterVersion", "MaintenanceTrackName", "EnhancedVpcRouting", "MultiAZ", "IpAddressType",
    ];

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["ModifyCluster"] = Modify,
        ["RebootCluster"] = Reboot,
    };

    private static XElement[] Modify(QueryCall call)
    {
        var (form, cluster) = (call.Form, RedshiftClusters.Find(call));
        if (Array.Find(NotPlayed, name => form[name] is not null) is { } option)
        {
            throw new AwsErrorException("UnsupportedOptionFault", $"The simulator does not change {option} of a cluster.");
        }

        if (form.Flag("Encrypted") == false)
        {
            throw AwsErrorException.Value("Encrypted must be true: a cluster can no longer be made an unencrypted one.");
        }

        var (nodeType, nodes) = Size(call, cluster);
        var (password, secret) = Password(call, cluster);
        var values = new PendingValues(
            nodeType, nodes, form.Flag("PubliclyAccessible"), RedshiftClusters.SecurityGroupsOf(call), password, secret);
        var group = form["ClusterParameterGroupName"] is { } name ? RedshiftParameters.Find(call, name).Name : cluster.ParameterGroup;
        var automated = form["AutomatedSnapshotRetentionPeriod"] is null ? cluster.SnapshotRetention
            : RedshiftRules.SnapshotRetention(form);
        var manual = form["ManualSnapshotRetentionPeriod"] is null ? cluster.ManualSnapshotRetention
            : RedshiftRules.ManualRetention(form, "ManualSnapshotRetentionPeriod");
        RequireAvailable(cluster);

        // At once; a parameter group counts from the next reboot on.
        (cluster.SnapshotRetention, cluster.ManualSnapshotRetention) = (automated, manual);
        cluster.MaintenanceWindow = form["PreferredMaintenanceWindow"] ?? cluster.MaintenanceWindow;
        (cluster.ParametersPending, cluster.ParameterGroup) = (cluster.ParametersPending || group != cluster.ParameterGroup, group);
        if (values != new PendingValues(null, null, null, null, null, null))
        {
            cluster.BeginModifying(values, call.Now, call.World.Options.Delays);
        }

        return [RedshiftXml.Of(cluster, call)];
    }

    private static XElement[] Reboot(QueryCall call)
    {
        var cluster = RedshiftClusters.Find(call);
        RequireAvailable(cluster);
        cluster.BeginRebooting(call.Now, call.World.Options.Delays);
        return [RedshiftXml.Of(cluster, call)];
    }

    private static (string? NodeType, int? Nodes) Size(QueryCall call, Cluster cluster)
    {
        var (type, count) = (call.Form["NodeType"], call.Form["NumberOfNodes"]);
        if (type is null && count is null && call.Form["ClusterType"] is null)
        {
            return (null, null);
        }

        if (type is null || (count is null && call.Form["ClusterType"] != "single-node"))
        {
            throw AwsErrorException.Combination("A resize names both the node type and the number of nodes, even if one of them stays as it is.");
        }

        // One node is what makes a single-node cluster, whether that is said or not.
        var nodes = call.Form["ClusterType"] is null && count == "1"
            ? RedshiftRules.Nodes(new QueryForm([new("ClusterType", "single-node")]), type) : RedshiftRules.Nodes(call.Form, type);
        return (type, nodes) == (cluster.NodeType, cluster.Nodes) ? (null, null) : (type, nodes);
    }

    private static (string? Password, Secret? Secret) Password(QueryCall call, Cluster cluster)
    {
        var password = RedshiftRules.NewPassword(call.Form);
        return call.Form.Flag("ManageMasterPassword") switch
        {
            true when password is not null => throw AwsErrorException.Combination(
                "MasterUserPassword cannot be specified when ManageMasterPassword is true."),
            true => (null, cluster.Secret is null ? RedshiftClusters.NewSecret(call, cluster.Id, cluster.MasterUsername) : null),
            false when cluster.Secret is not null && password is null => throw AwsErrorException.Combination(
                "MasterUserPassword must be specified when ManageMasterPassword is set to false."),
            null when cluster.Secret is not null && password is not null => throw AwsErrorException.Combination(
                "MasterUserPassword cannot be specified while ManageMasterPassword is true for the cluster."),
            _ => (password, null),
        };
    }

    private static void RequireAvailable(Cluster cluster)
    {
        if (cluster.IsBusy || cluster.Status != "available")
        {
            throw new AwsErrorException("InvalidClusterState", "The specified cluster is not in the available state.");
        }
    }
}
