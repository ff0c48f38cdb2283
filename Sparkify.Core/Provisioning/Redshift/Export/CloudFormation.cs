using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift.Export;

/// <summary>
/// Writes a CloudFormation template. Every resource is retained, which an import of what exists asks for
/// (docs: resource-import-existing-stack) and which keeps a deleted stack from deleting data.
/// </summary>
internal static class CloudFormation
{
    // Policies hold '<' and '&' nowhere but in people's names; readable beats HTML-safe in a template.
    private static readonly JsonSerializerOptions Readable =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(Blueprint blueprint)
    {
        var resources = new JsonObject { ["Role"] = Role(blueprint), ["SecurityGroup"] = SecurityGroup(blueprint) };
        if (blueprint.Subnets.Count > 0)
        {
            resources["SubnetGroup"] = Resource("AWS::Redshift::ClusterSubnetGroup", new JsonObject
            {
                ["Description"] = blueprint.SecurityGroupDescription,
                ["SubnetIds"] = new JsonArray([.. blueprint.Subnets.Select(static s => JsonValue.Create(s))]),
                ["Tags"] = Tags(blueprint),
            });
        }

        resources["Cluster"] = Cluster(blueprint);
        return new JsonObject
        {
            ["AWSTemplateFormatVersion"] = "2010-09-09",
            ["Description"] =
                $"The warehouse {blueprint.Warehouse} in {blueprint.Region}: cluster, role and network as Sparkify Web has them.",
            ["Resources"] = resources,
            ["Outputs"] = new JsonObject
            {
                ["Endpoint"] = new JsonObject
                {
                    ["Value"] = new JsonObject
                    {
                        ["Fn::GetAtt"] = new JsonArray(
                    "Cluster", "Endpoint.Address")
                    }
                },
                ["RoleArn"] = new JsonObject { ["Value"] = new JsonObject { ["Fn::GetAtt"] = new JsonArray("Role", "Arn") } },
            },
        }.ToJsonString(Readable);
    }

    private static JsonObject Role(Blueprint blueprint)
    {
        var properties = new JsonObject
        {
            ["RoleName"] = blueprint.Role,
            ["Path"] = RedshiftNames.RolePath,
            ["Description"] = blueprint.RoleDescription,
            ["AssumeRolePolicyDocument"] = blueprint.Trust.DeepClone(),
            ["Tags"] = Tags(blueprint),
        };
        if (blueprint.Policy is { } policy)
        {
            properties["Policies"] = new JsonArray(
                new JsonObject { ["PolicyName"] = RedshiftNames.Policy, ["PolicyDocument"] = policy.DeepClone() });
        }

        return Resource("AWS::IAM::Role", properties);
    }

    private static JsonObject SecurityGroup(Blueprint blueprint) => Resource("AWS::EC2::SecurityGroup", new JsonObject
    {
        ["GroupName"] = blueprint.SecurityGroup,
        ["GroupDescription"] = blueprint.SecurityGroupDescription,
        ["VpcId"] = blueprint.VpcId,
        ["SecurityGroupIngress"] = new JsonArray([.. blueprint.Ingress.Select(Rule)]),
        ["Tags"] = Tags(blueprint),
    });

    private static JsonObject Rule(IngressRule rule)
    {
        var source = rule.Kind switch
        {
            IngressSource.PrefixList => "SourcePrefixListId",
            IngressSource.SecurityGroup => "SourceSecurityGroupId",
            IngressSource.AddressesV6 => "CidrIpv6",
            _ => "CidrIp",
        };
        var json = new JsonObject { ["IpProtocol"] = rule.Protocol, [source] = rule.Source, ["Description"] = rule.Description };
        if (rule is { FromPort: { } from, ToPort: { } to })
        {
            json["FromPort"] = from;
            json["ToPort"] = to;
        }

        return json;
    }

    private static JsonObject Cluster(Blueprint blueprint)
    {
        var cluster = blueprint.Cluster;
        var properties = new JsonObject
        {
            ["ClusterIdentifier"] = cluster.Id,
            ["ClusterType"] = cluster.Nodes == 1 ? "single-node" : "multi-node",
            ["NodeType"] = cluster.NodeType,
            ["DBName"] = cluster.Database,
            ["MasterUsername"] = cluster.MasterUser,
            ["ManageMasterPassword"] = true,
            ["Encrypted"] = true,
            ["PubliclyAccessible"] = cluster.PubliclyAccessible,
            ["Port"] = cluster.Port,
            ["AutomatedSnapshotRetentionPeriod"] = cluster.SnapshotDays,
            ["VpcSecurityGroupIds"] = new JsonArray(new JsonObject { ["Fn::GetAtt"] = new JsonArray("SecurityGroup", "GroupId") }),
            ["IamRoles"] = new JsonArray(new JsonObject { ["Fn::GetAtt"] = new JsonArray("Role", "Arn") }),
            ["Tags"] = Tags(blueprint),
        };
        if (cluster.Nodes > 1)
        {
            // Not for a single node: the number is refused there (aws-cdk#9856).
            properties["NumberOfNodes"] = cluster.Nodes;
        }

        if (blueprint.Subnets.Count > 0)
        {
            properties["ClusterSubnetGroupName"] = new JsonObject { ["Ref"] = "SubnetGroup" };
        }

        return Resource("AWS::Redshift::Cluster", properties);
    }

    private static JsonObject Resource(string type, JsonObject properties) => new()
    {
        ["Type"] = type,
        ["DeletionPolicy"] = "Retain",
        ["UpdateReplacePolicy"] = "Retain",
        ["Properties"] = properties,
    };

    private static JsonArray Tags(Blueprint blueprint) =>
        new([.. blueprint.Tags.OrderBy(static t => t.Key, StringComparer.Ordinal).Select(
            static t => new JsonObject { ["Key"] = t.Key, ["Value"] = t.Value })]);
}
