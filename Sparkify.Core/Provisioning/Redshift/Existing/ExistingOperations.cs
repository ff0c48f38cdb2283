using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift.Existing;

/// <summary>Answers what people ask about warehouses on clusters that somebody else made, and carries out what they decide.</summary>
internal sealed class ExistingOperations(ExistingScopes scopes, IWarehouseJournal journal, IWarehouseDatabases databases, IRuns runs)
{
    public Task<IReadOnlyList<ResourceDrift>> DriftAsync(Warehouse warehouse, CancellationToken ct) =>
        ExistingSession.WithinAsync(warehouse.Existing!, within => ComparedAsync(warehouse, within), ct);

    private async Task<IReadOnlyList<ResourceDrift>> ComparedAsync(Warehouse warehouse, CancellationToken ct)
    {
        await using var scope = await scopes.OpenAsync(NewWarehouse.Of(warehouse), ct);
        List<ResourceDrift> all = [];
        foreach (var resource in scopes.Needed(scope, databases.Newest(warehouse.PasswordsWanted)))
        {
            all.Add(await JudgeAsync(scope, resource, ct));
        }

        return all;
    }

    /// <summary>Decides about one resource; gives the run that was started for it, when one was.</summary>
    public async Task<RunView?> ResolveAsync(
        Warehouse warehouse, string kind, string name, DriftChoice choice, Actor actor, CancellationToken ct)
    {
        var drift = (await DriftAsync(warehouse, ct)).FirstOrDefault(d => d.Kind == kind && d.Name == name)
            ?? throw SparkifyException.NotFound($"The warehouse '{warehouse.Name}' has no {kind} named '{name}'.");
        if (!drift.Choices.Contains(choice))
        {
            var can = drift.Choices.Count == 0 ? "Nothing has to be decided about it."
                : $"It can be: {string.Join(", ", drift.Choices.Select(static c => c.Word()))}.";
            throw SparkifyException.Conflict($"The {kind} '{name}' cannot be chosen to '{choice.Word()}'. {can}");
        }

        if (choice == DriftChoice.Recreate)
        {
            return await runs.StartAsync(warehouse.Name, RunKind.Provision, actor, ct);
        }

        await journal.RemovedAsync(warehouse.Name, kind, name, leftAlone: drift.State == DriftState.NotOurs, ct);
        return null;
    }

    /// <summary>What a teardown would drop; the cluster is none of it.</summary>
    public Task<TeardownPreview> PreviewAsync(Warehouse warehouse, CancellationToken ct) =>
        ExistingSession.WithinAsync(warehouse.Existing!, within => ForecastAsync(warehouse, within), ct);

    private async Task<TeardownPreview> ForecastAsync(Warehouse warehouse, CancellationToken ct)
    {
        await using var scope = await scopes.OpenAsync(NewWarehouse.Of(warehouse), ct);
        List<Remnant> destroys = [];
        foreach (var resource in await scopes.OwnedAsync(scope, ct))
        {
            if (await resource.LookAsync(scope, ct) is { Exists: true, Ours: true })
            {
                destroys.Add(new Remnant(resource.Kind, resource.Name, await resource.DetailAsync(scope, ct)));
            }
        }

        return new TeardownPreview(
            destroys, [new Remnant("cluster", scope.Cluster.Host, "not this warehouse's own: it runs on, with everything else in it")],
            DataBytes: null, RedshiftPrices.StoragePerGigabyteMonth, RedshiftPrices.AsOf);
    }

    private async Task<ResourceDrift> JudgeAsync(ExistingScope scope, Resource<ExistingScope> resource, CancellationToken ct)
    {
        var observed = await resource.LookAsync(scope, ct);
        var recorded = await journal.HasAsync(scope.Warehouse, resource.Kind, resource.Name, ct);
        var state = !observed.Exists ? (recorded ? DriftState.Missing : DriftState.NotThere)
            : !observed.Ours ? DriftState.NotOurs
            : recorded ? DriftState.InStep : DriftState.Unrecorded;
        DriftChoice[] choices = state switch
        {
            DriftState.Missing => [DriftChoice.Recreate, DriftChoice.Forget],
            DriftState.Unrecorded => [DriftChoice.Recreate],
            DriftState.NotOurs when recorded => [DriftChoice.Forget],
            _ => [],
        };
        return new ResourceDrift(
            resource.Kind, resource.Name, state, observed.Differs ?? await resource.DetailAsync(scope, ct), Arn: null, Console: null,
            choices);
    }
}
