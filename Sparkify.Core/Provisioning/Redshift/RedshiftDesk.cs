using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift.Resources;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Answers what people ask about clusters and carries out what they decide.</summary>
internal sealed class RedshiftDesk(
    RedshiftScopes scopes, IAws aws, IWarehouses warehouses, IWarehouseJournal journal, IWarehouseDatabases databases, ITables tables, IRuns runs) : IRedshift
{
    private const int MostRuns = 500;

    public Task<RedshiftOffers> OffersAsync(string? region, bool simulated, CancellationToken ct)
        => AwsProblems.SpokenAsync(() => OfferReading.ReadAsync(aws.For(new AwsPlace(region, simulated)), ct));

    public Task<IReadOnlyList<ResourceDrift>> DriftAsync(string warehouse, CancellationToken ct) => AwsProblems.SpokenAsync<IReadOnlyList<ResourceDrift>>(async () =>
    {
        var (described, scope) = await OpenAsync(warehouse, ct);
        List<ResourceDrift> all = [];
        foreach (var resource in RedshiftResources.Needed(scope))
        {
            all.Add((await JudgeAsync(described, scope, resource, ct)).Drift);
        }

        return all;
    });

    public Task<RunView?> ResolveAsync(string warehouse, string kind, string name, DriftChoice choice, Actor actor, CancellationToken ct) => AwsProblems.SpokenAsync(async () =>
    {
        var (described, scope) = await OpenAsync(warehouse, ct);
        var resource = RedshiftResources.Needed(scope).FirstOrDefault(r => r.Kind == kind && r.Name == name)
            ?? throw SparkifyException.NotFound($"The warehouse '{warehouse}' has no {kind} named '{name}'.");
        var (drift, sight) = await JudgeAsync(described, scope, resource, ct);
        if (!drift.Choices.Contains(choice))
        {
            var can = drift.Choices.Count == 0 ? "Nothing has to be decided about it." : $"It can be: {string.Join(", ", drift.Choices).ToLowerInvariant()}.";
            throw SparkifyException.Conflict($"The {kind} '{name}' cannot be chosen to '{choice.ToString().ToLowerInvariant()}': {Words(drift.State)}. {can}");
        }

        switch (choice)
        {
            case DriftChoice.Recreate:
                return await runs.StartAsync(warehouse, RunKind.Provision, actor, ct);
            case DriftChoice.Adopt:
                await AdoptAsync(described, scope, resource, sight, actor, ct);
                return null;
            default:
                await ForgetAsync(described, resource, ct);
                return null;
        }
    });

    public Task<TeardownPreview> TeardownPreviewAsync(string warehouse, CancellationToken ct) => AwsProblems.SpokenAsync(async () =>
    {
        var (_, scope) = await OpenAsync(warehouse, ct);
        var (left, kept) = await TeardownProof.LookAsync(scope, ct);
        var sizes = (await tables.ListAsync(warehouse, ct)).Select(static t => t.Bytes).OfType<long>().ToList();
        return new TeardownPreview(left, kept, sizes.Count == 0 ? null : sizes.Sum(), RedshiftPrices.StoragePerGigabyteMonth, RedshiftPrices.AsOf);
    });

    public async Task<ClusterCost> CostAsync(string warehouse, CancellationToken ct)
    {
        var described = await OnRedshift.GetAsync(warehouses, warehouse, "metered", ct);
        var settings = described.Redshift ?? new RedshiftSettings();
        List<RunView> told = [];
        foreach (var kind in ClusterCost.Kinds)
        {
            told.AddRange((await runs.HistoryAsync(new RunFilter(warehouse, kind, Size: MostRuns), ct)).Items);
        }

        return ClusterCost.Of(RedshiftPrices.Of(settings.NodeType, settings.Nodes, Region(settings)), told);
    }

    /// <summary>The region for the price; without one the price is only a guide, and says so.</summary>
    private string Region(RedshiftSettings settings)
    {
        try
        {
            return settings.Region ?? aws.For(settings.Place).Region;
        }
        catch (AwsException)
        {
            return "";
        }
    }

    private async Task<(Warehouse Warehouse, RedshiftScope Scope)> OpenAsync(string name, CancellationToken ct)
    {
        var warehouse = await OnRedshift.GetAsync(warehouses, name, "looked at in AWS", ct);
        return (warehouse, await scopes.OpenAsync(NewWarehouse.Of(warehouse), ct));
    }

    private async Task<(ResourceDrift Drift, Sight Sight)> JudgeAsync(Warehouse warehouse, RedshiftScope scope, RedshiftResource resource, CancellationToken ct)
    {
        var sight = await resource.LookAsync(scope, ct);
        if (warehouse.State == WarehouseState.Paused && sight.Drift == ClusterResource.Paused)
        {
            sight = sight with { Drift = null };
        }

        var recorded = await journal.HasAsync(scope.Warehouse, resource.Kind, resource.Name, ct);
        var state = !sight.Exists ? (recorded ? DriftState.Missing : DriftState.NotThere)
            : !sight.Ours ? DriftState.NotOurs
            : !recorded ? DriftState.Unrecorded
            : sight.Drift is not null || sight.Differs is not null ? DriftState.Changed
            : DriftState.InStep;
        var detail = state == DriftState.Changed ? string.Join("; ", new[] { sight.Drift, sight.Differs }.OfType<string>()) : await resource.DetailAsync(scope, ct);
        var drift = new ResourceDrift(
            resource.Kind, resource.Name, state, detail, sight.Arn, sight.Exists && !scope.Aws.Simulated ? resource.ConsolePath(scope, sight) : null,
            [.. Choices(warehouse, state, sight, recorded)]);
        return (drift, sight);
    }

    private static IEnumerable<DriftChoice> Choices(Warehouse warehouse, DriftState state, Sight sight, bool recorded)
    {
        // What we never recorded and carries no tag of ours is somebody else's: there is nothing to decide about it here.
        if (state == DriftState.Unrecorded || (state == DriftState.NotOurs && recorded) || (state == DriftState.Changed && sight.Differs is not null))
        {
            yield return DriftChoice.Adopt;
        }

        // What was never made is not made by itself, but a piece that an available warehouse lacks is.
        var lacking = state == DriftState.NotThere && warehouse.State is WarehouseState.Available or WarehouseState.Paused;
        if (state == DriftState.Missing || lacking || (state == DriftState.Changed && sight.Drift is not null))
        {
            yield return DriftChoice.Recreate;
        }

        if (state == DriftState.Missing || (state == DriftState.NotOurs && recorded))
        {
            yield return DriftChoice.Forget;
        }
    }

    private async Task AdoptAsync(Warehouse warehouse, RedshiftScope scope, RedshiftResource resource, Sight sight, Actor actor, CancellationToken ct)
    {
        await journal.AddAsync(warehouse.Name, resource.Kind, resource.Name, ct);
        if (!sight.Ours)
        {
            await resource.TagAsync(scope, sight, ct);
        }

        if (await resource.AsItIsAsync(scope, ct) is { } settings)
        {
            await warehouses.ReconfigureAsync(warehouse.Name, settings, actor, ct);
        }
    }

    private async Task ForgetAsync(Warehouse warehouse, RedshiftResource resource, CancellationToken ct)
    {
        await journal.RemovedAsync(warehouse.Name, resource.Kind, resource.Name, ct);
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
        DriftState.NotOurs => "it does not carry our tags",
        _ => "it is neither recorded nor there",
    };
}
