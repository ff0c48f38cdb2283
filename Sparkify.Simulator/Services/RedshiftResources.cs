using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: what clusters stand on and leave behind.</summary>
internal static class RedshiftResources
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["DescribeOrderableClusterOptions"] = DescribeOrderable,
        ["CreateClusterSubnetGroup"] = CreateSubnetGroup,
        ["DescribeClusterSubnetGroups"] = DescribeSubnetGroups,
        ["DeleteClusterSubnetGroup"] = DeleteSubnetGroup,
        ["CreateTags"] = static call =>
        {
            Tagging.Put(TagsOf(call, call.Form.Require("ResourceName")), call.Form.Tags("Tags.Tag"));
            return null;
        },
        ["DeleteTags"] = static call =>
        {
            var tags = TagsOf(call, call.Form.Require("ResourceName"));
            foreach (var key in call.Form.List("TagKeys.TagKey"))
            {
                tags.Remove(key);
            }

            return null;
        },
        ["DescribeTags"] = DescribeTags,
    };

    private static IEnumerable<XElement> DescribeOrderable(QueryCall call)
    {
        var options = RedshiftRules.Orderable
            .Where(o => call.Form["NodeType"] is not { } wanted || o.NodeType == wanted)
            .SelectMany(static o => o.SingleNode ? (IEnumerable<(string, string)>)[(
                o.NodeType, "single-node"), (o.NodeType, "multi-node")] : [(o.NodeType, "multi-node")]);
        return RedshiftXml.Paged(call, options, "OrderableClusterOptions", option => new XElement("OrderableClusterOption",
            new XElement("ClusterVersion", "1.0"), new XElement("ClusterType", option.Item2), new XElement("NodeType", option.Item1),
            new XElement(
                "AvailabilityZones", call.Region.Zones.Select(static z => new XElement("AvailabilityZone", new XElement("Name", z))))));
    }

    private static XElement[] CreateSubnetGroup(QueryCall call)
    {
        var name = RedshiftRules.Identifier(call.Form.Require("ClusterSubnetGroupName"), "ClusterSubnetGroupName", 255);
        var subnets = call.Form.List("SubnetIds.SubnetIdentifier")
            .Select(id => call.Region.Subnets.GetValueOrDefault(id) ?? throw new AwsErrorException(
                "InvalidSubnet", $"The subnet {id} is not valid.")).ToList();
        if (subnets.Count == 0)
        {
            throw AwsErrorException.Missing("SubnetIds");
        }

        if (subnets.DistinctBy(s => s.VpcId).Count() > 1)
        {
            throw new AwsErrorException("InvalidSubnet", "The subnets must all be in the same VPC.");
        }

        var group = new SubnetGroup(name, call.Form.Require("Description"), subnets[0].VpcId, subnets, call.Form.Tags("Tags.Tag"));
        return call.Region.SubnetGroups.TryAdd(name, group)
            ? [Show(group)]
            : throw new AwsErrorException("ClusterSubnetGroupAlreadyExists", $"Cluster subnet group {name} already exists.");
    }

    private static IEnumerable<XElement> DescribeSubnetGroups(QueryCall call)
    {
        IEnumerable<SubnetGroup> groups = call.Form["ClusterSubnetGroupName"] is { } name
            ? [FindSubnetGroup(call, name)]
            : call.Region.SubnetGroups.Values;
        return RedshiftXml.Paged(call, RedshiftXml.Tagged(call, groups, static g => g.Tags), "ClusterSubnetGroups", Show);
    }

    private static IEnumerable<XElement>? DeleteSubnetGroup(QueryCall call)
    {
        var group = FindSubnetGroup(call, call.Form.Require("ClusterSubnetGroupName"));
        if (call.Region.Clusters.Values.Any(c => c.SubnetGroup == group.Name))
        {
            throw new AwsErrorException(
                "InvalidClusterSubnetGroupStateFault", $"Subnet group {group.Name} is currently in use by a cluster.");
        }

        call.Region.SubnetGroups.Remove(group.Name);
        return null;
    }

    private static IEnumerable<XElement> DescribeTags(QueryCall call)
    {
        var all = call.Region.Clusters.Values.Select(c => (Type: "cluster", Arn: RedshiftXml.ClusterArn(call, c.Id), c.Tags))
            .Concat(call.Region.Snapshots.Values.Select(s => (Type: "snapshot", Arn: RedshiftXml.SnapshotArn(call, s), s.Tags)))
            .Concat(
                call.Region.SubnetGroups.Values.Select(g => (Type: "subnetgroup", Arn: RedshiftXml.SubnetGroupArn(call, g.Name), g.Tags)))
            .Concat(call.Region.ParameterGroups.Values.Select(
                g => (Type: "parametergroup", Arn: RedshiftXml.ParameterGroupArn(call, g.Name), g.Tags)))
            .Where(r => (call.Form["ResourceName"] ?? r.Arn) == r.Arn && (call.Form["ResourceType"] ?? r.Type) == r.Type);
        var keys = call.Form.List("TagKeys.TagKey");
        var values = call.Form.List("TagValues.TagValue");
        var pairs = all.SelectMany(r => r.Tags.Select(t => (r.Type, r.Arn, t.Key, t.Value)))
            .Where(t => (keys.Count == 0 || keys.Contains(t.Key)) && (values.Count == 0 || values.Contains(t.Value)));
        return RedshiftXml.Paged(call, pairs, "TaggedResources", static t => new XElement("TaggedResource",
            new XElement("Tag", new XElement("Key", t.Key), new XElement("Value", t.Value)),
            new XElement("ResourceName", t.Arn), new XElement("ResourceType", t.Type)));
    }

    // A cluster that is being made takes none: InvalidClusterStateFault is among the errors of CreateTags and DeleteTags.
    private static Dictionary<string, string> TagsOf(QueryCall call, string arn)
        => ReadyTags(call.Region.Clusters.Values.FirstOrDefault(c => RedshiftXml.ClusterArn(call, c.Id) == arn))
        ?? call.Region.Snapshots.Values.FirstOrDefault(s => RedshiftXml.SnapshotArn(call, s) == arn)?.Tags
        ?? call.Region.SubnetGroups.Values.FirstOrDefault(g => RedshiftXml.SubnetGroupArn(call, g.Name) == arn)?.Tags
        ?? call.Region.ParameterGroups.Values.FirstOrDefault(g => RedshiftXml.ParameterGroupArn(call, g.Name) == arn)?.Tags
        ?? throw new AwsErrorException("ResourceNotFoundFault", $"Resource {arn} not found.", 404);

    private static Dictionary<string, string>? ReadyTags(Cluster? cluster) => cluster is { Status: "creating" }
        ? throw new AwsErrorException("InvalidClusterState", $"The cluster {cluster.Id} is not in the available state.")
        : cluster?.Tags;

    private static SubnetGroup FindSubnetGroup(QueryCall call, string name) =>
        call.Region.SubnetGroups.GetValueOrDefault(RedshiftRules.Fold(name))
        ?? throw new AwsErrorException("ClusterSubnetGroupNotFoundFault", $"Cluster subnet group {name} not found.");

    private static XElement Show(SubnetGroup group) => new("ClusterSubnetGroup",
        new XElement(
            "ClusterSubnetGroupName", group.Name), new XElement("Description", group.Description), new XElement("VpcId", group.VpcId),
        new XElement("SubnetGroupStatus", "Complete"),
        new XElement("Subnets", group.Subnets.Select(static s => new XElement("Subnet",
            new XElement("SubnetIdentifier", s.Id), new XElement(
                "SubnetAvailabilityZone", new XElement("Name", s.Zone)), new XElement("SubnetStatus", "Active")))),
        Wire.Tags("Tags", "Tag", "Key", "Value", group.Tags));
}
