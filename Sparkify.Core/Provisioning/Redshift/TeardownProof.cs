using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What is left of a warehouse, and what was kept on purpose.</summary>
internal sealed record Remains(IReadOnlyList<string> Left, IReadOnlyList<string> Kept);

/// <summary>Looks once more at everything that carries a warehouse's tags or name, whatever the journal says.</summary>
internal static class TeardownProof
{
    public static async Task<Remains> LookAsync(RedshiftScope scope, CancellationToken ct)
    {
        List<string> left = [];
        List<string> kept = [];
        var (aws, names) = (scope.Aws, scope.Names);
        left.AddRange((await aws.Redshift.ListClustersAsync(RedshiftScope.WarehouseTag, scope.Warehouse, ct))
            .Where(c => scope.Owns(c.Tags)).Select(static c => $"cluster {c.Id} ({c.Status})"));
        left.AddRange((await aws.Ec2.ListSecurityGroupsAsync(RedshiftScope.WarehouseTag, scope.Warehouse, ct))
            .Where(g => scope.Owns(g.Tags)).Select(static g => $"security group {g.Id}"));
        left.AddRange((await aws.Redshift.ListSubnetGroupsAsync(RedshiftScope.WarehouseTag, scope.Warehouse, ct))
            .Where(g => scope.Owns(g.Tags)).Select(static g => $"subnet group {g.Name}"));
        foreach (var role in await aws.Iam.ListRolesAsync(RedshiftNames.RolePath, ct))
        {
            if (await OwnsRoleAsync(scope, role, ct))
            {
                left.Add($"IAM role {role.Name}");
            }
        }

        // A managed password goes with its cluster; AWS names it after the cluster.
        left.AddRange((await aws.Secrets.ListAsync($"redshift!{names.Cluster}-", ct)).Select(static s => $"secret {s}"));
        foreach (var snapshot in await aws.Redshift.ListSnapshotsAsync(names.Cluster, ct))
        {
            var size = snapshot.MegaBytes is { } megabytes ? $", {megabytes / 1024:0.0} GB" : "";
            var end = snapshot.RetentionDays is > 0 and var days ? $"kept {days} days" : "kept for ever: it costs until someone deletes it";
            (scope.Settings.FinalSnapshotDays is null ? left : kept).Add($"snapshot {snapshot.Id} ({end}{size})");
        }

        return new Remains(left, kept);
    }

    private static async Task<bool> OwnsRoleAsync(RedshiftScope scope, IamRole role, CancellationToken ct)
    {
        try
        {
            return scope.Owns(await scope.Aws.Iam.RoleTagsAsync(role.Name, ct));
        }
        catch (AwsException e) when (e.Fault == AwsFault.Missing)
        {
            // Another warehouse's role that went while we looked.
            return false;
        }
    }
}
