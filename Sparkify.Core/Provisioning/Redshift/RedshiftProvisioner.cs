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
    S3Buckets buckets, ExistingProvisioner existing) : ITargetProvisioner
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

    public IReadOnlyList<RunStep> Provision(Warehouse warehouse) => warehouse.Existing is not null ? existing.Provision(warehouse) :
    [
        Step(warehouse, "identity", "Who am I", WhoAmIAsync),
        Step(warehouse, "preflight", "Check what can be created", RedshiftPreflight.CheckAsync),
        Step(warehouse, "role", "IAM role", (context, step, ct) => EnsureAsync(RedshiftResources.Role(context), context, step, ct)),
        Step(warehouse, "network", "Network", (context, step, ct) => EnsureAsync(RedshiftResources.Network(context), context, step, ct)),
        Step(warehouse, "cluster", "Create the cluster", ClusterAsync),
        Step(warehouse, "stable", "Wait until it is stable", StableAsync),
        Step(warehouse, "sql", "Log in, users and schemas", SqlAsync),
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
            var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) ?? throw SparkifyException.Conflict(
                $"The cluster {context.Names.Cluster} is not there any more: someone deleted it. Decide about it under Resources of '{warehouse.Name}'.");
            if (cluster.Status is "creating" or "resuming")
            {
                // Begun by a run that was stopped: AWS takes no pause before it is up.
                await ClusterWait.UntilStatusAsync(context, "available", step, ct);
            }

            if (cluster.Status is not ("pausing" or "paused"))
            {
                await context.Aws.Redshift.PauseClusterAsync(context.Names.Cluster, ct);
            }

            await ClusterWait.UntilStatusAsync(context, "paused", step, ct);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Paused, ct);
            step.Progress.Message = "Paused: only its storage costs on";
        }),
    ];

    /// <summary>The steps that start a paused cluster again.</summary>
    public IReadOnlyList<RunStep> Resume(Warehouse warehouse) =>
    [
        Step(warehouse, "resume", "Resume the cluster", async (context, step, ct) =>
        {
            if (await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct) is { Status: "paused" })
            {
                await context.Aws.Redshift.ResumeClusterAsync(context.Names.Cluster, ct);
            }

            step.Progress.Message = "Resuming";
        }),
        Step(warehouse, "stable", "Wait until it is stable", StableAsync),
        Step(warehouse, "sql", "Log in, users and schemas", SqlAsync),
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

        await EnsureAsync([new ClusterResource(context.Names)], context, step, ct);
    }

    private static async Task StableAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        try
        {
            var cluster = await ClusterWait.UntilStableAsync(context, step, ct);
            step.Progress.Message = $"Stable at {cluster.Host}:{cluster.Port}";
        }
        catch (OperationCanceledException)
        {
            step.Warn($"Only the waiting was stopped: AWS goes on with {context.Names.Cluster}, and it costs. Provision again to go on waiting, or tear it down.");
            throw;
        }
    }

    private async Task SqlAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
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
        step.Progress.Message = $"Answers at {place.Host}:{place.Port}, database {place.Database}";
    }

    private async Task ProveAsync(ProvisioningContext context, StepContext step, CancellationToken ct)
    {
        var (left, kept) = await TeardownProof.LookAsync(context, ct);
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
        step.Progress.Message = kept.Count == 0 ? "0 left" : $"0 left, {kept.Count} snapshot kept";
    }
}
