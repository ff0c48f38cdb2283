using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>What became of a new key.</summary>
/// <param name="Runs">The provisionings that give warehouses their new passwords, by number.</param>
/// <param name="Later">
/// The warehouses that get theirs with their next provisioning: clusters, which are not touched unasked, and those a run is at work on.
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

    /// <summary>The warehouses whose roles still have passwords that were computed from an earlier key, by name.</summary>
    [Needs(Right.Administer, Subject.All)]
    Task<IReadOnlyList<string>> OfEarlierKeysAsync(CancellationToken ct);

    /// <summary>
    /// Makes a new key, and gives the roles of every local warehouse the passwords that are computed from it. A provisioning of a cluster
    /// may cost, so that one is asked for by itself. Until a warehouse has its new ones, it keeps those it has.
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

        if (found.OneLogin)
        {
            throw SparkifyException.Conflict(
                $"The warehouse '{warehouse}' has no roles of its own: the login that was given does everything. Change its password in the cluster, then give it here.");
        }

        // First: killed in between, the next provisioning sets them.
        await journal.WantPasswordsAsync(warehouse, ct);
        return await runs.StartAsync(warehouse, RunKind.Provision, actor, ct);
    }

    public async Task<RenewedKey> RenewKeyAsync(Actor actor, CancellationToken ct)
    {
        var all = await warehouses.ListAsync(ct);
        // First: killed in between, what is not provisioned now has its old passwords until it is. And from here on to the end, whoever
        // asked may have left.
        keys.Add();
        Dictionary<string, long> started = new(StringComparer.Ordinal);
        foreach (var warehouse in all.Where(
            static w => w is { Target: WarehouseTarget.Local, State: WarehouseState.Available }))
        {
            try
            {
                started[warehouse.Name] =
                    (await runs.StartAsync(warehouse.Name, RunKind.Provision, actor, CancellationToken.None)).Id;
            }
            catch (SparkifyException ex) when (ex.Kind is ProblemKind.Conflict or ProblemKind.NotFound)
            {
                // A run is at work, or somebody has forgotten it meanwhile.
            }
        }

        return new RenewedKey(
            [.. started.Values], [.. (await OfEarlierKeysAsync(CancellationToken.None)).Where(n => !started.ContainsKey(n))]);
    }

    public async Task<IReadOnlyList<string>> OfEarlierKeysAsync(CancellationToken ct)
    {
        var newest = keys.Newest;
        // None stands for the first key there was.
        return
        [
            .. (await warehouses.ListAsync(ct)).Where(w =>
                w is { State: WarehouseState.Available or WarehouseState.Paused, OneLogin: false }
                && (w.Passwords.Key ?? keys.First) != newest).Select(static w => w.Name),
        ];
    }
}
