using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>What became of a new key.</summary>
/// <param name="Runs">The provisionings that give warehouses their new passwords, by number.</param>
/// <param name="Later">
/// The warehouses that get theirs with their next provisioning, because a run is at work or the cluster is paused.
/// </param>
public sealed record RenewedKey(IReadOnlyList<long> Runs, IReadOnlyList<string> Later);

/// <summary>The passwords of warehouses' roles.</summary>
[Guarded]
public interface IWarehousePasswords
{
    /// <summary>
    /// Gives the loader and the reporter of a warehouse new passwords, by a provisioning, which is returned. Connections with the old ones
    /// end with it. A conflict while a run is active, and for a warehouse that has no roles.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<RunView> RotateAsync(string warehouse, Actor actor, CancellationToken ct);

    /// <summary>When the key was made that they are computed from.</summary>
    [Needs(Right.Administer, Subject.All)]
    DateTimeOffset KeySince { get; }

    /// <summary>
    /// Makes a new key, and gives the roles of every warehouse the passwords that are computed from it. Until a warehouse has them, it
    /// keeps those it has.
    /// </summary>
    [Needs(Right.Administer, Subject.All)]
    [Recorded]
    Task<RenewedKey> RenewKeyAsync(Actor actor, CancellationToken ct);
}

/// <summary>Rotates passwords by asking for others and provisioning.</summary>
internal sealed class WarehousePasswords(IWarehouses warehouses, IWarehouseJournal journal, WarehouseKeys keys, IRuns runs)
    : IWarehousePasswords
{
    public DateTimeOffset KeySince => keys.Since;

    public async Task<RunView> RotateAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        var found = await warehouses.GetAsync(warehouse, ct);
        if (found.State != WarehouseState.Available)
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{warehouse}' has no roles that answer just now: they get new passwords while it is available.");
        }

        // First: killed in between, the next provisioning sets them.
        await journal.WantPasswordsAsync(warehouse, ct);
        return await runs.StartAsync(warehouse, RunKind.Provision, actor, ct);
    }

    public async Task<RenewedKey> RenewKeyAsync(Actor actor, CancellationToken ct)
    {
        // First: killed in between, what is not provisioned now has its old passwords until it is.
        keys.Add();
        List<long> started = [];
        List<string> later = [];
        foreach (var warehouse in (await warehouses.ListAsync(ct)).Where(
            static w => w.State is WarehouseState.Available or WarehouseState.Paused))
        {
            try
            {
                if (warehouse.State == WarehouseState.Available)
                {
                    started.Add((await runs.StartAsync(warehouse.Name, RunKind.Provision, actor, ct)).Id);
                    continue;
                }
            }
            catch (SparkifyException ex) when (ex.Kind is ProblemKind.Conflict or ProblemKind.NotFound)
            {
                // A run is at work, or somebody has forgotten it meanwhile.
            }

            later.Add(warehouse.Name);
        }

        return new RenewedKey(started, later);
    }
}
