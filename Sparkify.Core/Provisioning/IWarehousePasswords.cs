using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

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
}

/// <summary>Rotates passwords by asking for others and provisioning.</summary>
internal sealed class WarehousePasswords(IWarehouses warehouses, IWarehouseJournal journal, IRuns runs) : IWarehousePasswords
{
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
}
