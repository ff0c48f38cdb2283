using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Resources;

/// <summary>The cluster itself.</summary>
internal sealed class ClusterResource(RedshiftNames names) : RedshiftResource(Word, names.Cluster)
{
    /// <summary>What the journal calls it.</summary>
    public const string Word = "cluster";

    private const string ByTags = "tags";

    /// <summary>Whether it goes without a last snapshot, whatever the settings say: there is nothing in it.</summary>
    public bool WithoutSnapshot { get; init; }

    /// <summary>What is drift for a warehouse that should run, and none for one that is paused.</summary>
    public const string Paused = "it is paused and is resumed";

    public override Task<string> DetailAsync(ProvisioningContext context, CancellationToken ct)
    {
        var s = context.Settings;
        var size = Size(s.NodeType, s.Nodes);
        var reach = s.Reach == ClusterReach.Private ? "no public address" : "public address behind its security group";
        var price = context.Price?.ToString() ?? "price unknown: look it up before you create it";
        return Task.FromResult($"{size}, encrypted, master password kept by AWS Secrets Manager, {reach}, port {s.Port}; {price}");
    }

    public override async Task<ObservedState> LookAsync(ProvisioningContext context, CancellationToken ct)
    {
        if (await context.Aws.Redshift.FindClusterAsync(Name, ct) is not { } cluster)
        {
            return ObservedState.Nothing;
        }

        var drift = cluster.Status == "paused" ? Paused
            : cluster.Status is "deleting" or "final-snapshot" ? "it is being deleted"
            : cluster.Status == "available" && !HasRole(cluster, context) ? "it has lost its role"
            : Drift(null, context, cluster.Tags);
        // A snapshot may bring its tags back or none, and ours are put on when the cluster takes them.
        var unmarked = cluster.Restore is not null
            && !cluster.Tags.Keys.Any(static k => k.StartsWith("sparkify:", StringComparison.Ordinal))
            && await context.Journal.HasAsync(context.Warehouse, Kind, Name, ct)
            && await context.Journal.KnownByAsync(context.Warehouse, Kind, Name, ct) is null;
        return new ObservedState(
            Exists: true, unmarked || context.Owns(cluster.Tags), drift, Arn(context), Differs(cluster, context.Settings))
        {
            Unmarked = unmarked,
        };
    }

    public override string? ConsolePath(ProvisioningContext context, ObservedState observed)
        => $"https://{context.Aws.Region}.console.aws.amazon.com/redshiftv2/home?region={context.Aws.Region}#/cluster-details?cluster={Name}";

    public override async Task TagAsync(ProvisioningContext context, CancellationToken ct)
    {
        if (await context.Aws.Redshift.FindClusterAsync(Name, ct) is { } cluster && !await MarkAsync(context, cluster, ct))
        {
            throw SparkifyException.Conflict(
                $"The cluster {Name} is {cluster.Status} and takes no tags until it is available. Try again then.");
        }
    }

    public override async Task<RedshiftSettings?> AsItIsAsync(ProvisioningContext context, CancellationToken ct)
        => await context.Aws.Redshift.FindClusterAsync(Name, ct) is { } cluster && Differs(cluster, context.Settings) is not null
            ? context.Settings with
            {
                NodeType = cluster.NodeType ?? context.Settings.NodeType,
                Nodes = cluster.Nodes ?? context.Settings.Nodes,
                Port = cluster.Port is { } port && !context.Aws.Simulated ? port : context.Settings.Port,
                Reach = cluster.PubliclyAccessible == false ? ClusterReach.Private : ClusterReach.CallerOnly,
            }
            : null;

    /// <summary>The cluster as the settings want it, before it is tied to its group and its role.</summary>
    internal static NewCluster Wanted(ProvisioningContext context) => new()
    {
        Id = context.Names.Cluster,
        NodeType = context.Settings.NodeType,
        Nodes = context.Settings.Nodes,
        Database = context.Settings.Database,
        MasterUser = context.Settings.MasterUser,
        Port = context.Settings.Port,
        PubliclyAccessible = context.Settings.Reach == ClusterReach.CallerOnly,
        SubnetGroup = context.Settings.Subnets.Count > 0 ? context.Names.SubnetGroup : null,
    };

    protected override async Task CreateAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var group = await SecurityGroupResource.FindAsync(context, ct)
            ?? throw SparkifyException.Conflict(
                $"The security group {context.Names.SecurityGroup} is gone: someone deleted it. Start a new provisioning to create it again.");
        var cluster = Wanted(context) with
        {
            SecurityGroups = [group.Id],
            Roles = [await RoleArnAsync(
            context, ct)],
            Tags = context.Tags()
        };
        if (step.Choice.Snapshot is not { } snapshot)
        {
            await WhenRoleIsSeenAsync(context, step, () => context.Aws.Redshift.CreateClusterAsync(cluster, ct), ct);
            await context.Journal.KnowByAsync(context.Warehouse, Kind, Name, ByTags, ct);
            return;
        }

        try
        {
            await WhenRoleIsSeenAsync(context, step, () => context.Aws.Redshift.RestoreClusterAsync(cluster, snapshot, ct), ct);
        }
        catch (AwsException e) when (e.Code?.StartsWith("ClusterSnapshotNotFound", StringComparison.Ordinal) == true)
        {
            throw KeptSnapshots.Gone(context, snapshot, await KeptSnapshots.ListAsync(context, ct));
        }

        step.Log($"It is made from the snapshot {snapshot}, with the data of then.");
        if (await context.Aws.Redshift.FindClusterAsync(Name, ct) is { } begun && !await MarkAsync(context, begun, ct))
        {
            step.Log($"{Name} is {begun.Status} and takes no tags yet; they are set when it is stable.");
        }
    }

    /// <summary>
    /// Puts the warehouse's tags on the cluster; false while it takes none. AWS may refuse them while it is made or changed
    /// (InvalidClusterState is among the errors of CreateTags and DeleteTags).
    /// </summary>
    public static async Task<bool> MarkAsync(ProvisioningContext context, ClusterInfo cluster, CancellationToken ct)
    {
        var (redshift, arn) = (context.Aws.Redshift, context.Arn("redshift", $"cluster:{cluster.Id}"));
        try
        {
            await context.RetagAsync(cluster.Tags, tags => redshift.TagAsync(arn, tags, ct), keys => redshift.UntagAsync(arn, keys, ct));
        }
        catch (AwsException e) when (e.Code is "InvalidClusterState")
        {
            return false;
        }

        // From here on it is known by them: one that has lost them is somebody else's, restored or not.
        await context.Journal.KnowByAsync(context.Warehouse, Word, cluster.Id, ByTags, ct);
        return true;
    }

    protected override async Task ChangeAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var redshift = context.Aws.Redshift;
        if (await redshift.FindClusterAsync(Name, ct) is { } cluster)
        {
            await MarkAsync(context, cluster, ct);
            if (cluster.Status == "paused")
            {
                await redshift.ResumeClusterAsync(Name, ct);
                return;
            }

            if (cluster.Status != "available" || HasRole(cluster, context))
            {
                return;
            }
        }

        var arn = await RoleArnAsync(context, ct);
        await WhenRoleIsSeenAsync(context, step, () => context.Aws.Redshift.ChangeRolesAsync(Name, [arn], [], ct), ct);
    }

    protected override async Task DeleteAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        while (await context.Aws.Redshift.FindClusterAsync(Name, ct) is { } cluster)
        {
            if (cluster.Status is not ("deleting" or "final-snapshot"))
            {
                // Named anew at each try: an earlier snapshot may have the name of this moment.
                var snapshot = !WithoutSnapshot && context.Settings.FinalSnapshotDays is { } days
                    ? new FinalSnapshot(context.Names.Snapshot(context.Clock.GetUtcNow()), days)
                    : null;
                await BeginDeletingAsync(context, cluster, snapshot, step, ct);
            }

            var elapsed = step.Elapsed;
            step.Progress.Message = $"{cluster.Status} · {(int)elapsed.TotalMinutes} min {elapsed.Seconds} s";
            if (elapsed > context.Patience.Ceiling)
            {
                throw SparkifyException.Unavailable($"The cluster {Name} is still {cluster.Status} after {context.Patience.Ceiling.TotalMinutes:0} minutes. Retry this run to go on waiting.");
            }

            await ProvisioningContext.PauseAsync(step, context.Patience.Poll, ct);
        }
    }

    private async Task BeginDeletingAsync(
        ProvisioningContext context, ClusterInfo cluster, FinalSnapshot? snapshot, StepContext step, CancellationToken ct)
    {
        try
        {
            await context.Aws.Redshift.DeleteClusterAsync(Name, snapshot, ct);
            step.Log(snapshot is null ? $"Deleting {Name} without a last snapshot." : $"Deleting {Name} with the last snapshot {snapshot.Id}, kept {snapshot.RetentionDays} days.");
        }
        catch (AwsException e) when (e.Code is "InvalidClusterState" or "ClusterSnapshotAlreadyExists")
        {
            // Still busy with something else (creating, resuming), or deleted by a first try whose answer was lost: look again.
            step.Log($"{Name} is {cluster.Status} and cannot be deleted yet; waiting.");
        }
    }

    private string Arn(ProvisioningContext context) => context.Arn("redshift", $"cluster:{Name}");

    private static string Size(string nodeType, int nodes) => nodes == 1 ? $"single-node {nodeType}" : $"{nodes} × {nodeType}";

    /// <summary>In what a cluster is not what was asked for, of what provisioning does not change: resizing moves its data.</summary>
    private static string? Differs(ClusterInfo cluster, RedshiftSettings wanted)
    {
        List<string> all = [];
        if (cluster is { NodeType: { } type, Nodes: { } nodes } && (type, nodes) != (wanted.NodeType, wanted.Nodes))
        {
            all.Add($"it is {Size(type, nodes)} and {Size(wanted.NodeType, wanted.Nodes)} was asked for");
        }

        if (cluster.PubliclyAccessible is { } open && open != (wanted.Reach == ClusterReach.CallerOnly))
        {
            all.Add(open ? "it has a public address and none was asked for" : "it has no public address and one was asked for");
        }

        if (cluster.Encrypted == false)
        {
            all.Add("its data is not encrypted");
        }

        return all.Count == 0 ? null : string.Join(", ", all);
    }

    private static bool HasRole(ClusterInfo cluster, ProvisioningContext context)
        => cluster.Roles.Any(r => r.Key.EndsWith($"/{context.Names.Role}", StringComparison.Ordinal) && r.Value != "removing");

    private static async Task<string> RoleArnAsync(ProvisioningContext context, CancellationToken ct) =>
        (await context.Aws.Iam.FindRoleAsync(context.Names.Role, ct))?.Arn
        ?? throw SparkifyException.Conflict(
            $"The IAM role {context.Names.Role} is gone: someone deleted it. Start a new provisioning to create it again.");

    /// <summary>
    /// A new role is seen by Redshift only after a while, and a new cluster may be busy with itself; both are said by an error
    /// (terraform-provider-aws#6566, #28884).
    /// </summary>
    private static async Task WhenRoleIsSeenAsync(ProvisioningContext context, StepContext step, Func<Task> work, CancellationToken ct)
    {
        var started = context.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (AwsException e) when (NotYet(e) && context.Clock.GetElapsedTime(started) < context.Patience.RoleSeen)
            {
                step.Progress.Message = $"Waiting for Redshift to see the role {context.Names.Role}";
                await context.PauseAsync(context.Patience.Poll / 3, ct);
            }
        }
    }

    private static bool NotYet(AwsException e) => e.Code is "InvalidClusterState"
        || (e.Code is "InvalidParameterValue" or "UnauthorizedOperation" && e.Message.Contains("IAM role", StringComparison.Ordinal));
}
