using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>A snapshot that was kept of a warehouse's cluster. It costs until it is deleted or its days are over.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="TakenAt">When it was taken; none while it is being taken.</param>
/// <param name="Bytes">How large it is; none when AWS does not say.</param>
/// <param name="Status">Such as <c>available</c>.</param>
/// <param name="KeptUntil">When AWS deletes it; none when it is kept until somebody does.</param>
/// <param name="NodeType">The node type a cluster from it has.</param>
/// <param name="Nodes">How many nodes that has.</param>
/// <param name="Misfit">Why the warehouse's settings do not fit it, as a sentence; none when they do.</param>
public sealed record KeptSnapshot(
    string Id, DateTimeOffset? TakenAt, long? Bytes, string Status, DateTimeOffset? KeptUntil, string? NodeType, int? Nodes,
    string? Misfit);

/// <summary>The snapshots of a warehouse's cluster that are ours: by the name a teardown gave them, or by their tags.</summary>
internal static class KeptSnapshots
{
    public static async Task<IReadOnlyList<SnapshotInfo>> ListAsync(ProvisioningContext context, CancellationToken ct) =>
    [
        .. (await context.Aws.Redshift.ListSnapshotsAsync(context.Names.Cluster, ct))
            .Where(s => context.Names.IsSnapshot(s.Id) || context.Owns(s.Tags)).OrderByDescending(static s => s.CreatedAt),
    ];

    public static KeptSnapshot Of(SnapshotInfo snapshot, RedshiftSettings settings) => new(
        snapshot.Id, snapshot.CreatedAt, snapshot.MegaBytes is { } size ? (long)(size * 1024 * 1024) : null, snapshot.Status,
        snapshot is { CreatedAt: { } at, RetentionDays: > 0 and var days } ? at.AddDays(days) : null, snapshot.NodeType, snapshot.Nodes,
        Misfit(snapshot, settings));

    /// <summary>The snapshot a cluster is to be made from; a sentence when it cannot be.</summary>
    public static async Task<SnapshotInfo> ChooseAsync(ProvisioningContext context, string id, CancellationToken ct)
    {
        var all = await ListAsync(context, ct);
        var snapshot = all.FirstOrDefault(s => s.Id == id) ?? throw Gone(context, id, all);
        if (snapshot.Status != "available")
        {
            throw SparkifyException.Conflict($"The snapshot {id} is {snapshot.Status}: wait until it is available, or choose another.");
        }

        if (Misfit(snapshot, context.Settings) is { } misfit)
        {
            throw SparkifyException.Conflict(misfit);
        }

        var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct);
        return cluster is { Status: not ("deleting" or "final-snapshot") } there
            ? throw SparkifyException.Conflict(
                $"The warehouse '{context.Warehouse}' has a cluster already, {there.Id}, and a snapshot comes back as a cluster of its own. Tear the warehouse down first, or provision it without a snapshot.")
            : snapshot;
    }

    /// <summary>The sentence for a snapshot that is not there.</summary>
    public static SparkifyException Gone(ProvisioningContext context, string id, IReadOnlyList<SnapshotInfo> left) =>
        SparkifyException.Conflict(
        $"The snapshot {id} of '{context.Warehouse}' is not there, or not any more: somebody deleted it, or its days are over. "
        + (left.Count == 0 ? "No other is kept: provision the warehouse empty and load it."
            : $"Kept are: {string.Join(", ", left.Select(static s => s.Id))}."));

    /// <summary>
    /// Puts the warehouse's tags on those that lack them, and says whether all have them. What may not be tagged is told, and keeps nothing
    /// from going on.
    /// </summary>
    public static async Task<bool> TagAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var redshift = context.Aws.Redshift;
        var all = true;
        foreach (var snapshot in await ListAsync(context, ct))
        {
            try
            {
                var arn = context.Arn("redshift", $"snapshot:{snapshot.ClusterId}/{snapshot.Id}");
                await context.RetagAsync(
                    snapshot.Tags, tags => redshift.TagAsync(arn, tags, ct), keys => redshift.UntagAsync(arn, keys, ct));
            }
            catch (AwsException e) when (e.Fault != AwsFault.Credentials)
            {
                // It may be busy, or have as many as it takes: the cluster is what was asked for.
                all = false;
                step.Warn($"The tags of the snapshot {snapshot.Id} were not set: {e.Message}");
            }
        }

        return all;
    }

    /// <summary>In one line, with what it costs.</summary>
    public static Remnant Told(SnapshotInfo snapshot)
    {
        var size = snapshot.MegaBytes is { } megabytes ? FormattableString.Invariant($", {megabytes / 1024:0.0} GB") : "";
        var end = snapshot.RetentionDays is > 0 and var days ? $"kept {days} days" : "kept for ever: it costs until someone deletes it";
        return new Remnant("snapshot", snapshot.Id, end + size);
    }

    private static string? Misfit(SnapshotInfo snapshot, RedshiftSettings settings) =>
        snapshot is { NodeType: { } type, Nodes: { } nodes } && (type, nodes) != (settings.NodeType, settings.Nodes)
        ? $"The snapshot {snapshot.Id} is of {Size(type, nodes)}, and a cluster comes back in the size it had; the settings ask for {Size(settings.NodeType, settings.Nodes)}. "
            + $"Set them to the snapshot's (nodeType {type}, nodes {nodes}), or provision without it."
        : null;

    private static string Size(string type, int nodes) => nodes == 1 ? $"a single node of {type}" : $"{nodes} nodes of {type}";
}
