using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>What somebody may just now, for what goes on in their name while they are not there.</summary>
internal sealed class PersonRights(IStore store, Standing standing)
{
    /// <summary>Somebody of a name, with what they may; none when they have no account here, or it was closed.</summary>
    public async Task<Actor?> FindAsync(string name, CancellationToken ct)
    {
        if (!await standing.HasAccountsAsync(ct))
        {
            return name == Actor.LocalAdministrator.Name ? Actor.LocalAdministrator : null;
        }

        await using var db = await store.Database.OpenConnectionAsync(ct);
        var grants = await db.QuerySingleOrDefaultAsync<string[]>(new CommandDefinition(
            $"select {PersonRows.Grants} from people p where lower(p.name) = lower(@name) and not p.closed", new { name },
            cancellationToken: ct));
        return grants is null ? null : new Actor(name) { Grants = new(PersonRows.Parse(grants)) };
    }
}
