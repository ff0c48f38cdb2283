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

    /// <summary>What is drift for a warehouse that should run, and none for one that is paused.</summary>
    public const string Paused = "it is paused and is resumed";

    public override Task<string> DetailAsync(RedshiftScope scope, CancellationToken ct)
    {
        var s = scope.Settings;
        var size = Size(s.NodeType, s.Nodes);
        var reach = s.Reach == ClusterReach.Private ? "no public address" : "public address behind its security group";
        var price = scope.Price?.ToString() ?? "price unknown: look it up before you create it";
        return Task.FromResult($"{size}, encrypted, master password kept by AWS Secrets Manager, {reach}, port {s.Port}; {price}");
    }

    public override async Task<Sight> LookAsync(RedshiftScope scope, CancellationToken ct)
    {
        if (await scope.Aws.Redshift.FindClusterAsync(Name, ct) is not { } cluster)
        {
            return Sight.Nothing;
        }

        var drift = cluster.Status == "paused" ? Paused
            : cluster.Status is "deleting" or "final-snapshot" ? "it is being deleted"
            : cluster.Status == "available" && !HasRole(cluster, scope) ? "it has lost its role"
            : null;
        return new Sight(Exists: true, scope.Owns(cluster.Tags), drift, Arn(scope), Differs(cluster, scope.Settings));
    }

    public override string? ConsolePath(RedshiftScope scope, Sight sight)
        => $"https://{scope.Aws.Region}.console.aws.amazon.com/redshiftv2/home?region={scope.Aws.Region}#/cluster-details?cluster={Name}";

    public override Task TagAsync(RedshiftScope scope, Sight sight, CancellationToken ct) => scope.Aws.Redshift.TagAsync(Arn(scope), scope.Tags(), ct);

    public override async Task<RedshiftSettings?> AsItIsAsync(RedshiftScope scope, CancellationToken ct)
        => await scope.Aws.Redshift.FindClusterAsync(Name, ct) is { } cluster && Differs(cluster, scope.Settings) is not null
            ? scope.Settings with
            {
                NodeType = cluster.NodeType ?? scope.Settings.NodeType,
                Nodes = cluster.Nodes ?? scope.Settings.Nodes,
                Port = cluster.Port is { } port && !scope.Aws.Simulated ? port : scope.Settings.Port,
                Reach = cluster.PubliclyAccessible == false ? ClusterReach.Private : ClusterReach.CallerOnly,
            }
            : null;

    /// <summary>The cluster as the settings want it, before it is tied to its group and its role.</summary>
    internal static NewCluster Wanted(RedshiftScope scope) => new()
    {
        Id = scope.Names.Cluster,
        NodeType = scope.Settings.NodeType,
        Nodes = scope.Settings.Nodes,
        Database = scope.Settings.Database,
        MasterUser = scope.Settings.MasterUser,
        Port = scope.Settings.Port,
        PubliclyAccessible = scope.Settings.Reach == ClusterReach.CallerOnly,
        SubnetGroup = scope.Settings.Subnets.Count > 0 ? scope.Names.SubnetGroup : null,
    };

    protected override async Task CreateAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var group = await SecurityGroupResource.FindAsync(scope, ct)
            ?? throw SparkifyException.Conflict($"The security group {scope.Names.SecurityGroup} is gone: someone deleted it. Retry this run to create it again.");
        var cluster = Wanted(scope) with { SecurityGroups = [group.Id], Roles = [await RoleArnAsync(scope, ct)], Tags = scope.Tags() };
        await WhenRoleIsSeenAsync(scope, step, () => scope.Aws.Redshift.CreateClusterAsync(cluster, ct), ct);
    }

    protected override async Task ChangeAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        if (await scope.Aws.Redshift.FindClusterAsync(Name, ct) is { Status: "paused" })
        {
            await scope.Aws.Redshift.ResumeClusterAsync(Name, ct);
            return;
        }

        var arn = await RoleArnAsync(scope, ct);
        await WhenRoleIsSeenAsync(scope, step, () => scope.Aws.Redshift.ChangeRolesAsync(Name, [arn], [], ct), ct);
    }

    protected override async Task DeleteAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var snapshot = scope.Settings.FinalSnapshotDays is { } days ? new FinalSnapshot(scope.Names.Snapshot(scope.Clock.GetUtcNow()), days) : null;
        while (await scope.Aws.Redshift.FindClusterAsync(Name, ct) is { } cluster)
        {
            if (cluster.Status is not ("deleting" or "final-snapshot"))
            {
                await BeginDeletingAsync(scope, cluster, snapshot, step, ct);
            }

            var elapsed = step.Elapsed;
            step.Progress.Message = $"{cluster.Status} · {(int)elapsed.TotalMinutes} min {elapsed.Seconds} s";
            if (elapsed > scope.Patience.Ceiling)
            {
                throw SparkifyException.Unavailable($"The cluster {Name} is still {cluster.Status} after {scope.Patience.Ceiling.TotalMinutes:0} minutes. Retry this run to go on waiting.");
            }

            await RedshiftScope.PauseAsync(step, scope.Patience.Poll, ct);
        }
    }

    private async Task BeginDeletingAsync(RedshiftScope scope, ClusterInfo cluster, FinalSnapshot? snapshot, StepContext step, CancellationToken ct)
    {
        try
        {
            await scope.Aws.Redshift.DeleteClusterAsync(Name, snapshot, ct);
            step.Log(snapshot is null ? $"Deleting {Name} without a last snapshot." : $"Deleting {Name} with the last snapshot {snapshot.Id}, kept {snapshot.RetentionDays} days.");
        }
        catch (AwsException e) when (e.Code is "InvalidClusterState" or "ClusterSnapshotAlreadyExists")
        {
            // Still busy with something else (creating, resuming), or deleted by a first try whose answer was lost: look again.
            step.Log($"{Name} is {cluster.Status} and cannot be deleted yet; waiting.");
        }
    }

    private string Arn(RedshiftScope scope) => scope.Arn("redshift", $"cluster:{Name}");

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

    private static bool HasRole(ClusterInfo cluster, RedshiftScope scope)
        => cluster.Roles.Any(r => r.Key.EndsWith($"/{scope.Names.Role}", StringComparison.Ordinal) && r.Value != "removing");

    private static async Task<string> RoleArnAsync(RedshiftScope scope, CancellationToken ct) => (await scope.Aws.Iam.FindRoleAsync(scope.Names.Role, ct))?.Arn
        ?? throw SparkifyException.Conflict($"The IAM role {scope.Names.Role} is gone: someone deleted it. Retry this run to create it again.");

    /// <summary>A new role is seen by Redshift only after a while, and a new cluster may be busy with itself; both are said by an error (terraform-provider-aws#6566, #28884).</summary>
    private static async Task WhenRoleIsSeenAsync(RedshiftScope scope, StepContext step, Func<Task> work, CancellationToken ct)
    {
        var started = scope.Clock.GetTimestamp();
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (AwsException e) when (NotYet(e) && scope.Clock.GetElapsedTime(started) < scope.Patience.RoleSeen)
            {
                step.Progress.Message = $"Waiting for Redshift to see the role {scope.Names.Role}";
                await scope.PauseAsync(scope.Patience.Poll / 3, ct);
            }
        }
    }

    private static bool NotYet(AwsException e) => e.Code is "InvalidClusterState"
        || (e.Code is "InvalidParameterValue" or "UnauthorizedOperation" && e.Message.Contains("IAM role", StringComparison.Ordinal));
}
