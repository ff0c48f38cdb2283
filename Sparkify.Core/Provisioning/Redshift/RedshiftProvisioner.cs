using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Resources;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Warehouses on Amazon Redshift: plan, create, take down with proof. Every step looks first and can be repeated.</summary>
internal sealed class RedshiftProvisioner(
    RedshiftScopes scopes, IWarehouseJournal journal, IClusterRoles roles, IWarehouseDatabases databases, S3Buckets buckets) : ITargetProvisioner
{
    public WarehouseTarget Target => WarehouseTarget.Redshift;

    public Task<IReadOnlyList<PlannedResource>> PlanAsync(NewWarehouse request, CancellationToken ct) => AwsProblems.SpokenAsync<IReadOnlyList<PlannedResource>>(async () =>
    {
        var scope = await scopes.OpenAsync(request, ct);
        await RedshiftPreflight.CheckAsync(scope, static _ => { }, ct);
        List<PlannedResource> plan = [];
        foreach (var resource in RedshiftResources.Needed(scope))
        {
            plan.Add(await resource.PlanAsync(scope, journal, ct));
        }

        return plan;
    });

    public IReadOnlyList<RunStep> Provision(Warehouse warehouse) =>
    [
        Step(warehouse, "identity", "Who am I", WhoAmIAsync),
        Step(warehouse, "preflight", "Check what can be created", RedshiftPreflight.CheckAsync),
        Step(warehouse, "role", "IAM role", (scope, step, ct) => EnsureAsync(RedshiftResources.Role(scope), scope, step, ct)),
        Step(warehouse, "network", "Network", (scope, step, ct) => EnsureAsync(RedshiftResources.Network(scope), scope, step, ct)),
        Step(warehouse, "cluster", "Create the cluster", ClusterAsync),
        Step(warehouse, "stable", "Wait until it is stable", StableAsync),
        Step(warehouse, "sql", "Log in, users and schemas", SqlAsync),
    ];

    public IReadOnlyList<RunStep> Teardown(Warehouse warehouse) =>
    [
        Step(warehouse, "cluster", "Delete the cluster", async (scope, step, ct) =>
        {
            // From here on it is not what it was, whatever happens next.
            await databases.CloseAsync(warehouse.Name);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Defined, ct);
            await RemoveAsync([new ClusterResource(scope.Names)], scope, step, ct);
        }),
        Step(warehouse, "network", "Remove the network", (scope, step, ct) => RemoveAsync(RedshiftResources.Network(scope, everything: true).Reverse(), scope, step, ct)),
        Step(warehouse, "role", "Delete the IAM role", (scope, step, ct) => RemoveAsync(RedshiftResources.Role(scope, everything: true).Reverse(), scope, step, ct)),
        .. warehouse.Source is LocationSource { IsOnS3: true } source
            ? new[] { Step(warehouse, "staging", "Empty the staging folder", (scope, step, ct) => StagingFolder.EmptyAsync(scope, source, buckets, step, ct)) } : [],
        Step(warehouse, "proof", "Look again", ProveAsync),
    ];

    /// <summary>The steps that pause a cluster: only its storage costs on.</summary>
    public IReadOnlyList<RunStep> Pause(Warehouse warehouse) =>
    [
        Step(warehouse, "pause", "Pause the cluster", async (scope, step, ct) =>
        {
            await databases.CloseAsync(warehouse.Name);
            var cluster = await scope.Aws.Redshift.FindClusterAsync(scope.Names.Cluster, ct) ?? throw SparkifyException.Conflict(
                $"The cluster {scope.Names.Cluster} is not there any more: someone deleted it. Decide about it under Resources of '{warehouse.Name}'.");
            if (cluster.Status is not ("pausing" or "paused"))
            {
                await scope.Aws.Redshift.PauseClusterAsync(scope.Names.Cluster, ct);
            }

            await ClusterWait.UntilStatusAsync(scope, "paused", step, ct);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Paused, ct);
            step.Progress.Message = "Paused: only its storage costs on";
        }),
    ];

    /// <summary>The steps that start a paused cluster again.</summary>
    public IReadOnlyList<RunStep> Resume(Warehouse warehouse) =>
    [
        Step(warehouse, "resume", "Resume the cluster", async (scope, step, ct) =>
        {
            if (await scope.Aws.Redshift.FindClusterAsync(scope.Names.Cluster, ct) is { Status: "paused" })
            {
                await scope.Aws.Redshift.ResumeClusterAsync(scope.Names.Cluster, ct);
            }

            step.Progress.Message = "Resuming";
        }),
        Step(warehouse, "stable", "Wait until it is stable", StableAsync),
        Step(warehouse, "sql", "Log in, users and schemas", SqlAsync),
    ];

    private RunStep Step(Warehouse warehouse, string name, string title, Func<RedshiftScope, StepContext, CancellationToken, Task> work)
        => new(name, title, (step, ct) => AwsProblems.SpokenAsync(async () => await work(await scopes.OpenAsync(NewWarehouse.Of(warehouse), ct), step, ct)));

    private static Task WhoAmIAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        step.Log($"Account {scope.Me.Account}, as {scope.Me.Arn}{(scope.Aws.Simulated ? ", simulated" : "")}.");
        step.Progress.Message = $"Account {scope.Me.Account}{(scope.Aws.Simulated ? " (simulated)" : "")}";
        return Task.CompletedTask;
    }

    private async Task EnsureAsync(IEnumerable<RedshiftResource> resources, RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        foreach (var resource in resources)
        {
            await resource.EnsureAsync(scope, journal, step, ct);
            step.Progress.Message = $"{resource.Kind} {resource.Name}";
        }
    }

    private async Task RemoveAsync(IEnumerable<RedshiftResource> resources, RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        foreach (var resource in resources)
        {
            await resource.RemoveAsync(scope, journal, step, ct);
            step.Progress.Message = $"No {resource.Kind} {resource.Name}";
        }
    }

    private async Task ClusterAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        await ClusterWait.WhileDeletingAsync(scope, step, ct);
        if (await scope.Aws.Redshift.FindClusterAsync(scope.Names.Cluster, ct) is null)
        {
            // A new cluster is empty, whatever was published in one that somebody deleted.
            await databases.CloseAsync(scope.Warehouse);
            await journal.SetStateAsync(scope.Warehouse, WarehouseState.Defined, ct);
        }

        await EnsureAsync([new ClusterResource(scope.Names)], scope, step, ct);
    }

    private static async Task StableAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        try
        {
            var cluster = await ClusterWait.UntilStableAsync(scope, step, ct);
            step.Progress.Message = $"Stable at {cluster.Host}:{cluster.Port}";
        }
        catch (OperationCanceledException)
        {
            step.Warn($"Only the waiting was stopped: AWS goes on with {scope.Names.Cluster}, and it costs. Provision again to go on waiting, or tear it down.");
            throw;
        }
    }

    private async Task SqlAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var cluster = await scope.Aws.Redshift.FindClusterAsync(scope.Names.Cluster, ct);
        if (cluster?.Host is null)
        {
            throw SparkifyException.Conflict($"The cluster {scope.Names.Cluster} is gone, or has no endpoint any more. Start a new provisioning to create it again.");
        }

        var place = await roles.EnsureAsync(scope, cluster, step, ct);
        // The endpoint first: an available warehouse can be connected to.
        await journal.SetEndpointAsync(scope.Warehouse, place, ct);
        await journal.SetStateAsync(scope.Warehouse, WarehouseState.Available, ct);
        step.Progress.Message = $"Answers at {place.Host}:{place.Port}, database {place.Database}";
    }

    private async Task ProveAsync(RedshiftScope scope, StepContext step, CancellationToken ct)
    {
        var (left, kept) = await TeardownProof.LookAsync(scope, ct);
        foreach (var snapshot in kept)
        {
            step.Warn($"Kept on purpose: {snapshot}.");
        }

        if (left.Count > 0)
        {
            throw SparkifyException.Conflict($"{left.Count} left: {string.Join(", ", left)}. Retry this run, or remove them by hand.");
        }

        await journal.SetStateAsync(scope.Warehouse, WarehouseState.Removed, ct);
        step.Log("Looked at every cluster, security group, subnet group, role, secret and snapshot of this warehouse: 0 left.");
        step.Progress.Message = kept.Count == 0 ? "0 left" : $"0 left, {kept.Count} snapshot kept";
    }
}
