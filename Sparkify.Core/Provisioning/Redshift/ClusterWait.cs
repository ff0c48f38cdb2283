using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Waits for clusters, patiently and visibly.</summary>
internal static class ClusterWait
{
    private const string Typical = "usually 5 to 15 min";

    // A cluster that was asked for is seen after some seconds; one that is not there later was seen at an earlier look.
    private static readonly TimeSpan SeenAfter = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Waits until the cluster is stable: available, its availability Available, nothing pending, every role in-sync, and all that
    /// several looks in a row. Trouble on the way to AWS is sat out; a state it cannot come back from is told.
    /// </summary>
    public static async Task<ClusterInfo> UntilStableAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var id = context.Cluster;
        var (good, seen) = (0, step.Elapsed > SeenAfter);
        while (true)
        {
            var (cluster, trouble) = await LookAsync(context, ct);
            if (cluster is null && trouble is null && seen)
            {
                throw SparkifyException.Conflict(
                    $"The cluster {id} is gone: someone deleted it while it was being waited for. Start a new provisioning to create it again.");
            }

            seen |= cluster is not null;
            if (cluster is not null)
            {
                ThrowIfLost(cluster);
                good = Waits(cluster) is null ? good + 1 : 0;
                if (good >= context.Patience.GoodLooks)
                {
                    return cluster;
                }
            }

            var elapsed = step.Elapsed;
            var what = trouble
                ?? (cluster is null ? "not seen yet" : Waits(cluster) ?? $"available, look {good} of {context.Patience.GoodLooks}");
            step.Progress.Message = $"{what} · {(int)elapsed.TotalMinutes} min {elapsed.Seconds} s, {Typical}";
            if (elapsed > context.Patience.Ceiling)
            {
                throw SparkifyException.Unavailable($"The cluster {id} is not stable after {context.Patience.Ceiling.TotalMinutes:0} minutes ({what}). "
                    + "It may still come up, and it costs meanwhile: retry this run to go on waiting, or tear it down.");
            }

            // Between good looks the worker is kept: they count only in a row.
            await (good > 0 ? context.PauseAsync(context.Patience.Poll, ct) : ProvisioningContext.PauseAsync(
                step, context.Patience.Poll, ct));
        }
    }

    /// <summary>Waits until the cluster has a status.</summary>
    public static async Task UntilStatusAsync(ProvisioningContext context, string status, StepContext step, CancellationToken ct)
    {
        while (true)
        {
            var (cluster, trouble) = await LookAsync(context, ct);
            if (cluster is null && trouble is null)
            {
                throw SparkifyException.Conflict($"The cluster {context.Cluster} is gone. Provision the warehouse again.");
            }

            if (cluster?.Status == status)
            {
                return;
            }

            var elapsed = step.Elapsed;
            step.Progress.Message = $"{trouble ?? cluster!.Status} · {(int)elapsed.TotalMinutes} min {elapsed.Seconds} s";
            if (elapsed > context.Patience.Ceiling)
            {
                throw SparkifyException.Unavailable($"The cluster {context.Cluster} is not {status} after {context.Patience.Ceiling.TotalMinutes:0} minutes. Retry this run to go on waiting.");
            }

            await ProvisioningContext.PauseAsync(step, context.Patience.Poll, ct);
        }
    }

    /// <summary>Waits while a cluster of the same name is on its way out, so that a new one can take its place.</summary>
    public static async Task WhileDeletingAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        while (await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) is { Status: "deleting" or "final-snapshot" } cluster)
        {
            step.Progress.Message = $"An earlier {cluster.Id} is {cluster.Status}";
            if (step.Elapsed > context.Patience.Ceiling)
            {
                throw SparkifyException.Unavailable($"An earlier cluster {cluster.Id} is still being deleted. Retry this run later.");
            }

            await ProvisioningContext.PauseAsync(step, context.Patience.Poll, ct);
        }
    }

    /// <summary>What a cluster still waits for; none when it is healthy.</summary>
    private static string? Waits(ClusterInfo cluster)
    {
        // A status may have a comma in it: "available, prep-for-resize".
        if (!cluster.Status.StartsWith("available", StringComparison.Ordinal))
        {
            return cluster.Status;
        }

        if (cluster.Availability is not (null or "Available"))
        {
            return $"{cluster.Status}, availability {cluster.Availability}";
        }

        if (cluster.ModifyStatus is { } modify)
        {
            return $"{cluster.Status}, modification {modify}";
        }

        if (cluster.Pending.Count > 0)
        {
            return $"{cluster.Status}, pending {string.Join(", ", cluster.Pending)}";
        }

        if (cluster.Host is null)
        {
            return $"{cluster.Status}, no endpoint yet";
        }

        return cluster.Roles.FirstOrDefault(static r => r.Value != "in-sync") is { Key: not null } role
            ? $"{cluster.Status}, role {role.Value}"
            : null;
    }

    private static void ThrowIfLost(ClusterInfo cluster)
    {
        if (cluster.Status is "deleting" or "final-snapshot")
        {
            throw SparkifyException.Conflict(
                $"The cluster {cluster.Id} is being deleted: someone did that behind this run's back. Start a new provisioning to create it again.");
        }

        if (cluster.Restore == "failed")
        {
            throw SparkifyException.Conflict(
                $"The cluster {cluster.Id} could not be made from its snapshot: AWS says that the restore failed. Tear the warehouse down, then provision it from another snapshot or empty.");
        }

        if (cluster.Status is "hardware-failure" or "storage-full" || cluster.Status.StartsWith("incompatible-", StringComparison.Ordinal))
        {
            throw SparkifyException.Conflict($"The cluster {cluster.Id} is in the state {cluster.Status}, which it does not leave by itself. Tear the warehouse down and provision it again.");
        }

        if (cluster.Status == "paused")
        {
            throw SparkifyException.Conflict(
                $"The cluster {cluster.Id} is paused: someone did that behind this run's back. Retry this run to resume it.");
        }
    }

    private static async Task<(ClusterInfo? Cluster, string? Trouble)> LookAsync(ProvisioningContext context, CancellationToken ct)
    {
        try
        {
            return (await context.Aws.Redshift.FindClusterAsync(context.Cluster, ct), null);
        }
        catch (AwsException e) when (e.Fault is AwsFault.Transient or AwsFault.Unreachable)
        {
            // One bad look in an hour of waiting is no reason to give up.
            return (null, "AWS does not answer just now");
        }
    }
}
