using System.Text.Json.Nodes;
using Sparkify.Core.Aws;
using Sparkify.Core.Provisioning.Redshift.Resources;

namespace Sparkify.Core.Provisioning.Redshift.Export;

/// <summary>Everything a warehouse on Redshift consists of: as it is where it exists, as it would be made where it does not.</summary>
internal sealed record Blueprint
{
    public required string Warehouse { get; init; }

    public required string Region { get; init; }

    public required bool Simulated { get; init; }

    /// <summary>The cluster; its security groups and roles are those beside it here.</summary>
    public required NewCluster Cluster { get; init; }

    /// <summary>Whether the cluster exists already.</summary>
    public required bool Exists { get; init; }

    /// <summary>The role, with the path it stands under.</summary>
    public required string Role { get; init; }

    public required string RoleDescription { get; init; }

    public required JsonObject Trust { get; init; }

    /// <summary>What the role may read; none when the source is not on S3.</summary>
    public required JsonObject? Policy { get; init; }

    public required string SecurityGroup { get; init; }

    public required string SecurityGroupDescription { get; init; }

    /// <summary>The id of the security group there is, or none.</summary>
    public required string? SecurityGroupId { get; init; }

    public required string VpcId { get; init; }

    public required IReadOnlyList<IngressRule> Ingress { get; init; }

    /// <summary>The subnets of the subnet group; empty for the account's default one.</summary>
    public required IReadOnlyList<string> Subnets { get; init; }

    /// <summary>How many days a last snapshot is kept; none for no snapshot.</summary>
    public required int? FinalSnapshotDays { get; init; }

    public IReadOnlyDictionary<string, string> Tags => Cluster.Tags;

    /// <summary>Looks at what there is and adds what would be.</summary>
    public static async Task<Blueprint> OfAsync(ProvisioningContext context, CancellationToken ct)
    {
        var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct);
        var group = await SecurityGroupResource.FindAsync(context, ct);
        var wanted = ClusterResource.Wanted(context) with { Tags = cluster?.Tags ?? context.Tags() };
        return new Blueprint
        {
            Warehouse = context.Warehouse,
            Region = context.Aws.Region,
            Simulated = context.Aws.Simulated,
            Exists = cluster is not null,
            Cluster = cluster is null ? wanted : wanted with
            {
                NodeType = cluster.NodeType ?? wanted.NodeType,
                Nodes = cluster.Nodes ?? wanted.Nodes,
                Database = cluster.Database ?? wanted.Database,
                MasterUser = cluster.MasterUser ?? wanted.MasterUser,
                Port = cluster.Port ?? wanted.Port,
                PubliclyAccessible = cluster.PubliclyAccessible ?? wanted.PubliclyAccessible,
            },
            Role = context.Names.Role,
            RoleDescription = RoleResource.Description(context),
            Trust = SourceGrant.Trust(context.Me.Account),
            Policy = context.Source.IsEmpty ? null : context.Source.Policy(context.Partition),
            SecurityGroup = context.Names.SecurityGroup,
            SecurityGroupDescription = SecurityGroupResource.Description(context),
            SecurityGroupId = group?.Id,
            VpcId = group?.VpcId ?? (await context.VpcAsync(ct)).Id,
            Ingress = group?.Ingress ?? await IngressResource.WantedRulesAsync(context, ct),
            Subnets = context.Settings.Subnets,
            FinalSnapshotDays = context.Settings.FinalSnapshotDays,
        };
    }
}
