using Sparkify.Core.Aws;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>What is left of a warehouse, and what was kept on purpose.</summary>
internal sealed record Remains(IReadOnlyList<Remnant> Left, IReadOnlyList<Remnant> Kept);

/// <summary>Looks once more at everything that carries a warehouse's tags or name, whatever the journal says.</summary>
internal static class TeardownProof
{
    /// <summary>Looks at all of it.</summary>
    /// <param name="context">The warehouse.</param>
    /// <param name="everyRole">
    /// Whether every role that Sparkify makes is asked for its tags, a call each; without it the one of the warehouse's name alone, for
    /// somebody who waits.
    /// </param>
    /// <param name="ct">Cancels.</param>
    public static async Task<Remains> LookAsync(ProvisioningContext context, bool everyRole, CancellationToken ct)
    {
        List<Remnant> left = [];
        List<Remnant> kept = [];
        var (aws, names) = (context.Aws, context.Names);
        left.AddRange((await aws.Redshift.ListClustersAsync(ProvisioningContext.WarehouseTag, context.Warehouse, ct))
            .Where(c => context.Owns(c.Tags)).Select(static c => new Remnant("cluster", c.Id, c.Status)));
        if (left.Count == 0 && await new Resources.ClusterResource(names).LookAsync(context, ct) is { Exists: true, Ours: true })
        {
            left.Add(new Remnant("cluster", names.Cluster, "came back from a snapshot, and carries no tags yet"));
        }

        left.AddRange((await aws.Ec2.ListSecurityGroupsAsync(ProvisioningContext.WarehouseTag, context.Warehouse, ct))
            .Where(g => context.Owns(g.Tags)).Select(static g => new Remnant("security group", g.Id, g.Name)));
        left.AddRange((await aws.Redshift.ListSubnetGroupsAsync(ProvisioningContext.WarehouseTag, context.Warehouse, ct))
            .Where(g => context.Owns(g.Tags)).Select(static g => new Remnant("subnet group", g.Name)));
        IEnumerable<string> roles = everyRole ? (await aws.Iam.ListRolesAsync(RedshiftNames.RolePath, ct)).Select(static r => r.Name)
            : [names.Role];
        foreach (var role in roles)
        {
            if (await OwnsRoleAsync(context, role, ct))
            {
                left.Add(new Remnant("IAM role", role));
            }
        }

        // A managed password goes with its cluster; AWS names it after the cluster.
        left.AddRange((await aws.Secrets.ListAsync($"redshift!{names.Cluster}-", ct)).Select(static s => new Remnant("secret", s)));
        foreach (var snapshot in await aws.Redshift.ListSnapshotsAsync(names.Cluster, ct))
        {
            // The last snapshots of teardowns end by themselves, as was chosen; any other costs until somebody deletes it.
            var chosen = names.IsSnapshot(snapshot.Id) && snapshot.RetentionDays is > 0;
            (chosen ? kept : left).Add(KeptSnapshots.Told(snapshot));
        }

        return new Remains(left, kept);
    }

    private static async Task<bool> OwnsRoleAsync(ProvisioningContext context, string role, CancellationToken ct)
    {
        try
        {
            return context.Owns(await context.Aws.Iam.RoleTagsAsync(role, ct));
        }
        catch (AwsException e) when (e.Fault == AwsFault.Missing)
        {
            // It is not there, or went while we looked.
            return false;
        }
    }
}
