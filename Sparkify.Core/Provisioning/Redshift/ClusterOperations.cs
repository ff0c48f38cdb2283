using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Existing;
using Sparkify.Core.Provisioning.Redshift.Resources;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Answers what people ask about clusters and carries out what they decide.</summary>
internal sealed class ClusterOperations(
    ProvisioningContexts contexts, IAws aws, IWarehouses warehouses, IWarehouseJournal journal, IWarehouseDatabases databases,
    ITables tables, IRuns runs, ExistingOperations existing) : IRedshift
{
    public async Task<RedshiftOffers> OffersAsync(string? region, bool simulated, CancellationToken ct, string? connection = null) =>
        await OfferReading.ReadAsync(await aws.ForAsync(new AwsPlace(region, simulated, connection), ct), ct);

    public async Task<IReadOnlyList<ResourceDrift>> DriftAsync(string warehouse, CancellationToken ct)
    {
        var described = await DescribedAsync(warehouse, ct);
        if (described.Existing is not null)
        {
            return await existing.DriftAsync(described, ct);
        }

        var context = await OpenAsync(described, ct);
        List<ResourceDrift> all = [];
        foreach (var resource in RedshiftResources.Needed(context))
        {
            try
            {
                all.Add((await JudgeAsync(described, context, resource, ct)).Drift);
            }
            catch (AwsException e) when (e.IsNotToBeHad)
            {
                // The others are worth seeing all the same.
                all.Add(new ResourceDrift(resource.Kind, resource.Name, DriftState.Unseen, e.Message, Arn: null, Console: null, []));
            }
        }

        return all;
    }

    public async Task<RunView?> ResolveAsync(
        string warehouse, string kind, string name, DriftChoice choice, Actor actor, CancellationToken ct)
    {
        var described = await DescribedAsync(warehouse, ct);
        if (described.Existing is not null)
        {
            return await existing.ResolveAsync(described, kind, name, choice, actor, ct);
        }

        var context = await OpenAsync(described, ct);
        var resource = RedshiftResources.Needed(context).FirstOrDefault(r => r.Kind == kind && r.Name == name)
            ?? throw SparkifyException.NotFound($"The warehouse '{warehouse}' has no {kind} named '{name}'.");
        var (drift, observed) = await JudgeAsync(described, context, resource, ct);
        if (!drift.Choices.Contains(choice))
        {
            var can = drift.Choices.Count == 0
                ? "Nothing has to be decided about it."
                : $"It can be: {string.Join(", ", drift.Choices).ToLowerInvariant()}.";
            throw SparkifyException.Conflict(
                $"The {kind} '{name}' cannot be chosen to '{choice.ToString().ToLowerInvariant()}': {Words(drift.State)}. {can}");
        }

        switch (choice)
        {
            case DriftChoice.Recreate:
                return await runs.StartAsync(warehouse, RunKind.Provision, actor, ct);
            case DriftChoice.Adopt:
                await AdoptAsync(described, context, resource, observed, actor, ct);
                return null;
            default:
                await ForgetAsync(described, resource, observed, ct);
                return null;
        }
    }

    public async Task<TeardownPreview> TeardownPreviewAsync(string warehouse, CancellationToken ct)
    {
        var described = await DescribedAsync(warehouse, ct);
        if (described.Existing is not null)
        {
            return await existing.PreviewAsync(described, ct);
        }

        var context = await OpenAsync(described, ct);
        var (left, kept) = await TeardownProof.LookAsync(context, everyRole: false, ct);
        var sizes = (await tables.ListAsync(warehouse, ct)).Select(static t => t.Bytes).OfType<long>().ToList();
        return new TeardownPreview(
            left, kept, sizes.Count == 0 ? null : sizes.Sum(), RedshiftPrices.StoragePerGigabyteMonth, RedshiftPrices.AsOf);
    }

    public async Task RotateMasterAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        var context = await OpenAsync(await OnRedshift.OwnAsync(warehouses, warehouse, "given another master password", ct), ct);
        var cluster = await context.Aws.Redshift.FindClusterAsync(context.Names.Cluster, ct)
            ?? throw SparkifyException.Conflict($"The warehouse '{warehouse}' has no cluster: provision it first.");
        await context.Aws.Secrets.RotateAsync(ClusterLogin.Secret(cluster), ct);
    }

    public async Task<IReadOnlyList<KeptSnapshot>> SnapshotsAsync(string warehouse, CancellationToken ct)
    {
        var context = await OpenAsync(await OnRedshift.OwnAsync(warehouses, warehouse, "kept as a snapshot", ct), ct);
        return [.. (await KeptSnapshots.ListAsync(context, ct)).Select(s => KeptSnapshots.Of(s, context.Settings))];
    }

    public async Task DeleteSnapshotAsync(string warehouse, string snapshot, Actor actor, CancellationToken ct)
    {
        var context = await OpenAsync(await OnRedshift.OwnAsync(warehouses, warehouse, "kept as a snapshot", ct), ct);
        var all = await KeptSnapshots.ListAsync(context, ct);
        if (all.All(s => s.Id != snapshot))
        {
            throw SparkifyException.NotFound(KeptSnapshots.Gone(context, snapshot, all).Message);
        }

        if ((await runs.OfKindsAsync(warehouse, [RunKind.Provision], ct)).LastOrDefault(r => r.Active && r.Snapshot == snapshot) is { } run)
        {
            throw SparkifyException.Conflict(
                $"Run {run.Id} is making a cluster from the snapshot {snapshot}. Delete it when that has ended, or cancel the run first.");
        }

        await context.Aws.Redshift.DeleteSnapshotAsync(snapshot, ct);
        var there = (await KeptSnapshots.ListAsync(context, ct)).FirstOrDefault(s => s.Id == snapshot);
        if (there is { Status: not ("deleted" or "deleting") } left)
        {
            throw SparkifyException.Conflict($"The snapshot {snapshot} is still there ({left.Status}) after AWS took its deletion. Look again in a minute.");
        }
    }

    public async Task<ClusterCost> CostAsync(string warehouse, CancellationToken ct)
    {
        var described = await OnRedshift.OwnAsync(warehouses, warehouse, "metered", ct);
        var settings = described.Redshift ?? new RedshiftSettings();
        var told = await runs.OfKindsAsync(warehouse, ClusterCost.Kinds, ct);
        return ClusterCost.Of(RedshiftPrices.Of(settings.NodeType, settings.Nodes, await RegionAsync(settings, ct)), told);
    }

    /// <summary>The region for the price; without one the price is only a guide, and says so.</summary>
    private async Task<string> RegionAsync(RedshiftSettings settings, CancellationToken ct)
    {
        try
        {
            return settings.Region ?? (await aws.ForAsync(settings.Place, ct)).Region;
        }
        catch (AwsException)
        {
            return "";
        }
    }

    private Task<Warehouse> DescribedAsync(string name, CancellationToken ct) =>
        OnRedshift.GetAsync(warehouses, name, "looked at in AWS", ct);

    private Task<ProvisioningContext> OpenAsync(Warehouse warehouse, CancellationToken ct) =>
        contexts.OpenAsync(NewWarehouse.Of(warehouse), ct);

    private async Task<(ResourceDrift Drift, ObservedState ObservedState)> JudgeAsync(
        Warehouse warehouse, ProvisioningContext context, RedshiftResource resource, CancellationToken ct)
    {
        var observed = await resource.LookAsync(context, ct);
        if (warehouse.State == WarehouseState.Paused && observed.Drift == ClusterResource.Paused)
        {
            observed = observed with { Drift = null };
        }

        var recorded = await journal.HasAsync(context.Warehouse, resource.Kind, resource.Name, ct);
        var state = !observed.Exists ? (recorded ? DriftState.Missing : DriftState.NotThere)
            : !observed.Ours ? DriftState.NotOurs
            : !recorded ? DriftState.Unrecorded
            : observed.Unmarked || observed.Drift is not null || observed.Differs is not null ? DriftState.Changed
            : DriftState.InStep;
        var detail = state == DriftState.Changed
            ? string.Join("; ", new[] { observed.Drift ?? (observed.Unmarked ? "its tags" : null), observed.Differs }.OfType<string>())
            : await resource.DetailAsync(context, ct);
        var drift = new ResourceDrift(
            resource.Kind, resource.Name, state, detail, observed.Arn, observed.Exists && !context.Aws.Simulated
                ? resource.ConsolePath(context, observed)
                : null,
            [.. Choices(warehouse, state, observed, recorded)]);
        return (drift, observed);
    }

    private static IEnumerable<DriftChoice> Choices(Warehouse warehouse, DriftState state, ObservedState observed, bool recorded)
    {
        // What we never recorded and carries no tag of ours is somebody else's: there is nothing to decide about it here.
        if (state == DriftState.Unrecorded || (state == DriftState.NotOurs && recorded)
            || (state == DriftState.Changed && observed.Differs is not null))
        {
            yield return DriftChoice.Adopt;
        }

        // What was never made is not made by itself, but a piece that an available warehouse lacks is.
        var lacking = state == DriftState.NotThere && warehouse.State is WarehouseState.Available or WarehouseState.Paused;
        if (state == DriftState.Missing || lacking || (state == DriftState.Changed && (observed.Drift is not null || observed.Unmarked)))
        {
            yield return DriftChoice.Recreate;
        }

        if (state == DriftState.Missing || (state == DriftState.NotOurs && recorded))
        {
            yield return DriftChoice.Forget;
        }
    }

    private async Task AdoptAsync(
        Warehouse warehouse, ProvisioningContext context, RedshiftResource resource, ObservedState observed, Actor actor,
        CancellationToken ct)
    {
        await journal.KeepAccountAsync(warehouse.Name, context.Me.Account, ct);
        await journal.AddAsync(warehouse.Name, resource.Kind, resource.Name, ct);
        if (!observed.Ours)
        {
            await resource.TagAsync(context, ct);
        }

        if (await resource.AsItIsAsync(context, ct) is { } settings)
        {
            await warehouses.ReconfigureAsync(warehouse.Name, settings, actor, ct);
        }
    }

    private async Task ForgetAsync(Warehouse warehouse, RedshiftResource resource, ObservedState observed, CancellationToken ct)
    {
        await journal.RemovedAsync(warehouse.Name, resource.Kind, resource.Name, leftAlone: observed.Exists, ct);
        if (resource is ClusterResource)
        {
            // Without its cluster it is a description again, and what was published is gone with it.
            await databases.CloseAsync(warehouse.Name);
            await journal.SetStateAsync(warehouse.Name, WarehouseState.Defined, ct);
        }
    }

    private static string Words(DriftState state) => state switch
    {
        DriftState.InStep => "it is as it should be",
        DriftState.Changed => "it is not as it should be",
        DriftState.Missing => "it is recorded but not there",
        DriftState.Unrecorded => "it is there and ours but not recorded",
        DriftState.Unseen => "it could not be looked at",
        DriftState.NotOurs => "it does not carry our tags",
        _ => "it is neither recorded nor there",
    };
}
