using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Existing;
using Sparkify.Core.Provisioning.Redshift.Resources;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Warehouses on Amazon Redshift: plan, create, take down with proof. Every step looks first and can be repeated.</summary>
internal sealed class RedshiftProvisioner(
    ProvisioningContexts contexts, IWarehouseJournal journal, IClusterRoles roles, IWarehouseDatabases databases,
    S3Buckets buckets, IRestoredStar restored, ExistingProvisioner existing) : ITargetProvisioner
{
    public WarehouseTarget Target => WarehouseTarget.Redshift;

    public async Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct)
    {
        if (request.CheckedSettings() is { Existing: not null })
        {
            return await existing.PlanAsync(request, ct);
        }

        var context = await contexts.OpenAsync(request, ct);
        await RedshiftPreflight.CheckAsync(context, static _ => { }, ct);
        List<PlannedResource> plan = [];
        foreach (var resource in RedshiftResources.Needed(context))
        {
            plan.Add(await resource.PlanAsync(context, journal, ct));
        }

        return plan;
    }

    public async Task CheckSnapshotAsync(Warehouse warehouse, string snapshot, CancellationToken ct)
    {
        if (warehouse.Existing is { } other)
        {
            throw SparkifyException.Invalid(
                $"Only a cluster that was made for its warehouse comes back from a snapshot; that of '{warehouse.Name}', {other.Host}, is somebody else's.");
        }

        await KeptSnapshots.ChooseAsync(await contexts.OpenAsync(NewWarehouse.Of(warehouse), ct), snapshot, ct);
    }

    public IReadOnlyList<RunStep> Provision(Warehouse warehouse) => warehouse.Existing is not null ? existing.Provision(warehouse) :
    [
        Step(warehouse, "identity", "Who am I", WhoAmIAsync),
        Step(warehouse, "preflight", "Check what can be created", RedshiftPreflight.CheckAsync),
        Step(warehouse, "role", "IAM role", async (context, step, ct) =>
        {
            await journal.SetTagKeysAsync(
                context.Warehouse, [.. context.Settings.Tags.Keys.Union(context.FormerTags, StringComparer.Ordinal)], ct);
            await EnsureAsync(RedshiftResources.Role(context), context, step, ct);
        }),
        Step(warehouse, "network", "Network", (context, step, ct) => EnsureAsync(RedshiftResources.Network(context), context, step, ct)),
        Step(warehouse, "cluster", "Create the cluster", ClusterAsync),
        Step(warehouse, "stable", "Wait until it is stable", StableAsync),
        Step(warehouse, "sql", "Log in, users and schemas", async (context, step, ct) =>
        {
            await SetTagsAsync(context, await SqlAsync(warehouse, context, step, ct), step, ct);
        }),
    ];

    public IReadOnlyList<RunStep> Teardown(Warehouse warehouse) => warehouse.Existing is not null ? existing.Teardown(warehouse) :
    [
        Step(warehouse, "cluster", "Delete the cluster", async (context, step, ct) =>
        {
            await StayAsync(context, ct);
            // From here on it is not what it was, whatever happens next.
            await databases.CloseAsync(warehouse.Name);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Defined, ct);
            await RemoveAsync([new ClusterResource(context.Names)], context, step, ct);
            await roles.GoneAsync(warehouse.Name, ct);
        }),
        Step(warehouse, "network", "Remove the network", (context, step, ct) => RemoveAsync(
            RedshiftResources.Network(context, everything: true).Reverse(), context, step, ct)),
        Step(warehouse, "role", "Delete the IAM role", (context, step, ct) => RemoveAsync(
            RedshiftResources.Role(context, everything: true).Reverse(), context, step, ct)),
        .. warehouse.Source is LocationSource { IsOnS3: true } source
            ? new[] { Step(warehouse, "staging", "Empty the staging folder", (context, step, ct) => StagingFolder.EmptyAsync(
                context, source, buckets, step, ct)) } : [],
        Step(warehouse, "proof", "Look again", ProveAsync),
    ];

    /// <summary>The steps that pause a cluster: only its storage costs on.</summary>
    public IReadOnlyList<RunStep> Pause(Warehouse warehouse) =>
    [
        Step(warehouse, "pause", "Pause the cluster", async (context, step, ct) =>
        {
            await databases.CloseAsync(warehouse.Name);
            var cluster = await context.Aws.Redshift.FindClusterAsync(context.Cluster, ct) ?? throw SparkifyException.Conflict(
                $"The cluster {context.Cluster} is not there any more: someone deleted it. Decide about it under Resources of '{warehouse.Name}'.");
            if (cluster.Status is "creating" or "resuming")
            {
                // Begun by a run that was stopped: AWS takes no pause before it is up.
                await ClusterWait.UntilStatusAsync(context, "available", step, ct);
            }

            if (cluster.Status is not ("pausing" or "paused"))
            {
                await context.Aws.Redshift.PauseClusterAsync(context.Cluster, ct);
            }

            await ClusterWait.UntilStatusAsync(context, "paused", step, ct);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Paused, ct);
            step.Progress.Message = warehouse.Existing is null ? "Paused: only its storage costs on" : "Paused, for everybody who uses it";
        }),
    ];

    /// <summary>The steps that start a paused cluster again.</summary>
    public IReadOnlyList<RunStep> Resume(Warehouse warehouse) =>
    [
        Step(warehouse, "resume", "Resume the cluster", async (context, step, ct) =>
        {
            if (await context.Aws.Redshift.FindClusterAsync(context.Cluster, ct) is { Status: "paused" })
            {
                await context.Aws.Redshift.ResumeClusterAsync(context.Cluster, ct);
            }

            step.Progress.Message = "Resuming";
        }),
        Step(warehouse, "stable", "Wait until it is stable", WaitAsync),
        warehouse.Existing is not null ? existing.Return(warehouse)
            : Step(warehouse, "sql", "Log in, users and schemas", (context, step, ct) => SqlAsync(warehouse, context, step, ct)),
    ];

    private RunStep Step(
        Warehouse warehouse, string name, string title, Func<ProvisioningContext, StepContext, CancellationToken, Task> work)
        => new(name, title, async (step, ct) => await work(await contexts.OpenAsync(NewWarehouse.Of(warehouse), ct), step, ct));

    private async Task WhoAmIAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        step.Log($"Account {context.Me.Account}, as {context.Me.Arn}{(context.Aws.Simulated ? ", simulated" : "")}.");
        step.Progress.Message = $"Account {context.Me.Account}{(context.Aws.Simulated ? " (simulated)" : "")}";
        await StayAsync(context, ct);
    }

    // In another account what a warehouse owns would be made a second time, or be proven gone where it never was.
    private async Task StayAsync(ProvisioningContext context, CancellationToken ct)
    {
        if (await journal.KeepAccountAsync(context.Warehouse, context.Me.Account, ct) is { } made && made != context.Me.Account)
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{context.Warehouse}' owns resources in the account {made}, and {WarehouseMoves.Named(context.Settings.Connection)} would lead into the account {context.Me.Account}, where they are not. Give it an AWS connection that leads into the account {made}, then retry this run.");
        }
    }

    private async Task EnsureAsync(
        IEnumerable<RedshiftResource> resources, ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        foreach (var resource in resources)
        {
            await resource.EnsureAsync(context, journal, step, ct);
            step.Progress.Message = $"{resource.Kind} {resource.Name}";
        }
    }

    private async Task RemoveAsync(
        IEnumerable<RedshiftResource> resources, ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        foreach (var resource in resources)
        {
            await resource.RemoveAsync(context, journal, step, ct);
            step.Progress.Message = $"No {resource.Kind} {resource.Name}";
        }
    }

    private async Task ClusterAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        await ClusterWait.WhileDeletingAsync(context, step, ct);
        if (await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) is null)
        {
            // A new cluster is empty, whatever was published in one that somebody deleted.
            await databases.CloseAsync(context.Warehouse);
            await journal.SetStateAsync(context.Warehouse, WarehouseState.Defined, ct);
            await roles.GoneAsync(context.Warehouse, ct);
        }

        try
        {
            await EnsureAsync([new ClusterResource(context.Names)], context, step, ct);
        }
        catch (AwsException e) when (SaysUnmanaged(e))
        {
            await TakeBackAsync(context, step, ct);
            throw Unmanaged(context, $"refuses a cluster whose master password it is to manage ({e.Message})");
        }
    }

    private static bool SaysUnmanaged(AwsException e) => e.Fault is AwsFault.Invalid or AwsFault.Unknown
        && (e.Message.Contains("ManageMasterPassword", StringComparison.OrdinalIgnoreCase)
            || e.Message.Contains("MasterUserPassword", StringComparison.OrdinalIgnoreCase));

    private static SparkifyException Unmanaged(ProvisioningContext context, string does) => SparkifyException.Conflict(
        $"What answers for Amazon Redshift in {context.Aws.Region} {does}. Sparkify makes clusters with a password that AWS manages and nobody has to keep (ManageMasterPassword), and without one it cannot log in. "
        + "What was made for this run was removed again. Make the cluster there yourself, and use it as a cluster you have, by its login (redshift.existing).");

    // What this run made, and nothing from before it. Waits here, for the run is about to end.
    private async Task TakeBackAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var made = await journal.MadeByAsync(context.Warehouse, step.Run, ct);
        IReadOnlyList<RedshiftResource> all =
        [
            new ClusterResource(context.Names) { WithoutSnapshot = true },
            .. RedshiftResources.Network(context, everything: true).Reverse(),
            .. RedshiftResources.Role(context, everything: true).Reverse(),
        ];
        while (true)
        {
            try
            {
                await RemoveAsync(all.Where(r => made.Contains((r.Kind, r.Name))), context, step, ct);
                return;
            }
            catch (StepWaitsException waits)
            {
                await Task.Delay(waits.LookAgain, context.Clock, ct);
            }
        }
    }

    private async Task StableAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var cluster = await WaitAsync(context, step, ct);
        if (cluster.SecretArn is null
            && (await journal.MadeByAsync(context.Warehouse, step.Run, ct)).Contains((ClusterResource.Word, context.Names.Cluster)))
        {
            await TakeBackAsync(context, step, ct);
            throw Unmanaged(context, "made the cluster without a managed master password");
        }
    }

    private static async Task<ClusterInfo> WaitAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        try
        {
            var cluster = await ClusterWait.UntilStableAsync(context, step, ct);
            step.Progress.Message = $"Stable at {cluster.Host}:{cluster.Port}";
            return cluster;
        }
        catch (OperationCanceledException)
        {
            step.Warn($"Only the waiting was stopped: AWS goes on with {context.Cluster}, and it costs. Provision again to go on waiting, or tear it down.");
            throw;
        }
    }

    private async Task<ClusterInfo> SqlAsync(Warehouse warehouse, ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct);
        if (cluster?.Host is null)
        {
            throw SparkifyException.Conflict(
                $"The cluster {context.Names.Cluster} is gone, or has no endpoint any more. Start a new provisioning to create it again.");
        }

        var place = await roles.EnsureAsync(context, cluster, step, ct);
        // The endpoint first: an available warehouse can be connected to.
        await journal.SetEndpointAsync(context.Warehouse, place, ct);
        await journal.SetStateAsync(context.Warehouse, WarehouseState.Available, ct);
        var answers = $"Answers at {place.Host}:{place.Port}, database {place.Database}";
        if (step.Choice.Snapshot is { } snapshot)
        {
            // It may be gone by now; a name of ours tells as well.
            var taken = (await KeptSnapshots.ListAsync(context, ct)).FirstOrDefault(s => s.Id == snapshot)?.CreatedAt
                ?? context.Names.TakenAt(snapshot);
            var now = warehouse with
            {
                State = WarehouseState.Available,
                Endpoint = place,
                Passwords = await journal.PasswordsAsync(context.Warehouse, ct),
            };
            answers = $"{answers}; from the snapshot: {await restored.TakeOverAsync(now, taken, step, ct)}";
        }

        step.Progress.Message = answers;
        return cluster;
    }

    // On what is not made by itself, and on a cluster that took none while it was made. Only when nothing has any other is what was taken
    // out of the settings forgotten.
    private async Task SetTagsAsync(ProvisioningContext context, ClusterInfo cluster, StepContext step, CancellationToken ct)
    {
        var all = await ClusterResource.MarkAsync(context, cluster, ct);
        if (!all)
        {
            step.Warn($"AWS takes no tags on the cluster {cluster.Id} just now ({cluster.Status}); the next provisioning sets them.");
        }

        if (context.FormerTags.Count > 0)
        {
            // Steps that were done before this attempt went by the settings of then.
            foreach (var resource in RedshiftResources.Needed(context).Where(static r => r is not ClusterResource))
            {
                if (await resource.LookAsync(context, ct) is { Exists: true, Drift: not null })
                {
                    await resource.EnsureAsync(context, journal, step, ct);
                }
            }
        }

        if (cluster.SecretArn is { } secret)
        {
            try
            {
                var secrets = context.Aws.Secrets;
                await context.RetagAsync(
                    await secrets.TagsAsync(secret, ct), tags => secrets.TagAsync(secret, tags, ct),
                    keys => secrets.UntagAsync(secret, keys, ct));
            }
            catch (AwsException e) when (e.IsNotToBeHad || e.Fault == AwsFault.Invalid)
            {
                // AWS makes it, and may keep it to itself.
                all = false;
                step.Log($"The tags of the master password's secret were not set: {e.Message}");
            }
        }

        if (await KeptSnapshots.TagAsync(context, step, ct) && all)
        {
            await journal.SetTagKeysAsync(context.Warehouse, [.. context.Settings.Tags.Keys], ct);
        }
    }

    private async Task ProveAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        await KeptSnapshots.TagAsync(context, step, ct);
        var (left, kept) = await TeardownProof.LookAsync(context, everyRole: true, ct);
        foreach (var snapshot in kept)
        {
            step.Warn($"Kept on purpose: {snapshot}.");
        }

        if (left.Count > 0)
        {
            throw SparkifyException.Conflict($"{left.Count} left: {string.Join(", ", left)}. Retry this run, or remove them by hand.");
        }

        await journal.SetStateAsync(context.Warehouse, WarehouseState.Removed, ct);
        step.Log("Looked at every cluster, security group, subnet group, role, secret and snapshot of this warehouse: 0 left.");
        step.Progress.Message = kept.Count == 0 ? "0 left" : $"0 left; kept: {string.Join(", ", kept)}";
    }
}
