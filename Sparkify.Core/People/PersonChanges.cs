using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>Changes people one at a time, and none so that nobody is left to administer the installation.</summary>
internal sealed class PersonChanges(IStore store, Standing standing)
{
    /// <summary>Makes a change, which gives the number of whom it changed: what goes on in their name begins again.</summary>
    public async Task<Person> MakeAsync(Func<NpgsqlConnection, Task<long>> change, CancellationToken ct)
    {
        var person = await store.InTransactionAsync(async db =>
        {
            // One at a time: two administrators must not take the role from each other at once.
            await db.ExecuteAsync(new CommandDefinition("lock table grants in share row exclusive mode", cancellationToken: ct));
            var id = await change(db);
            var left = await db.ExecuteScalarAsync<bool>(new CommandDefinition(
                "select exists (select 1 from people p join grants g on g.person = p.id where g.role = 'admin' and not p.closed)",
                cancellationToken: ct));
            return left ? await PersonRows.GetAsync(db, id, ct) : throw SparkifyException.Conflict(
                "Nobody would be left to administer this installation. Make somebody else an administrator first.");
        }, ct);
        standing.Changed(new Stale(person.Name));
        return person;
    }

    /// <summary>Gives somebody roles in place of those they have, as a part of a change.</summary>
    public static async Task GrantAsync(NpgsqlConnection db, long person, IReadOnlyList<Grant> grants, CancellationToken ct)
    {
        if (grants.FirstOrDefault(static g => g.Warehouse is not null && !g.Role.CanBeOnOne()) is { } wide)
        {
            throw SparkifyException.Invalid($"The role {wide.Role.Word()} is given over everything, not on one warehouse.");
        }

        try
        {
            await PersonRows.GrantAsync(db, person, grants, ct);
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw SparkifyException.Invalid("One of the warehouses does not exist (any more). Look at the list and choose again.", ex);
        }
    }
}
