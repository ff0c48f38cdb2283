using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>People, in the store.</summary>
internal sealed class PeopleRegistry(IStore store, Standing standing, TimeProvider clock) : IPeople
{
    public async Task<IReadOnlyList<Person>> ListAsync(CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await PersonRows.ListAsync(db, ct);
    }

    public async Task<Person> AddAsync(string name, string password, IReadOnlyList<Grant> grants, Actor actor, CancellationToken ct)
    {
        name = PersonName.Checked(name);
        Passwords.Check(password, name);
        var hash = Passwords.Hash(password);
        if (!await standing.HasAccountsAsync(ct))
        {
            throw SparkifyException.Conflict("The first person is the administrator, and makes an account for themselves first.");
        }

        return await ChangeAsync(async db =>
        {
            var id = await PersonRows.InsertAsync(db, name, hash, actor.Name, clock.GetUtcNow(), ct)
                ?? throw SparkifyException.Conflict($"There is somebody named '{name}' already, or was. Names are never given twice.");
            await GrantAsync(db, id, grants, ct);
            return id;
        }, ct);
    }

    public Task<Person> GrantAsync(long person, IReadOnlyList<Grant> grants, Actor actor, CancellationToken ct) => ChangeAsync(async db =>
    {
        await PersonRows.GetAsync(db, person, ct);
        await GrantAsync(db, person, grants, ct);
        return person;
    }, ct);

    public async Task SetPasswordAsync(long person, string password, Actor actor, CancellationToken ct)
    {
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            Passwords.Check(password, (await PersonRows.GetAsync(db, person, ct)).Name);
        }

        var hash = Passwords.Hash(password);
        await ChangeAsync(async db =>
        {
            await db.ExecuteAsync(new CommandDefinition(
                "update people set password = @hash where id = @person; delete from sessions where person = @person",
                new { hash, person }, cancellationToken: ct));
            return person;
        }, ct);
    }

    public Task<Person> CloseAsync(long person, bool closed, Actor actor, CancellationToken ct) => ChangeAsync(async db =>
    {
        await db.ExecuteAsync(new CommandDefinition(
            "update people set closed = @closed where id = @person; delete from sessions where person = @person and @closed",
            new { closed, person }, cancellationToken: ct));
        return person;
    }, ct);

    private async Task<Person> ChangeAsync(Func<NpgsqlConnection, Task<long>> change, CancellationToken ct)
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

    private static async Task GrantAsync(NpgsqlConnection db, long person, IReadOnlyList<Grant> grants, CancellationToken ct)
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
