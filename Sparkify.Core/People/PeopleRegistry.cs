using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>People, in the store.</summary>
internal sealed class PeopleRegistry(IStore store, Standing standing, PersonChanges changes, TimeProvider clock) : IPeople
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

        return await changes.MakeAsync(async db =>
        {
            var id = await PersonRows.InsertAsync(db, name, hash, actor.Name, clock.GetUtcNow(), ct)
                ?? throw SparkifyException.Conflict($"There is somebody named '{name}' already, or was. Names are never given twice.");
            await PersonChanges.GrantAsync(db, id, grants, ct);
            return id;
        }, ct);
    }

    public Task<Person> GrantAsync(long person, IReadOnlyList<Grant> grants, Actor actor, CancellationToken ct) =>
        changes.MakeAsync(async db =>
        {
            if ((await PersonRows.GetAsync(db, person, ct)).IsVouched)
            {
                throw SparkifyException.Conflict("Their roles follow what the single sign-on says of them. Change them there.");
            }

            await PersonChanges.GrantAsync(db, person, grants, ct);
            return person;
        }, ct);

    public async Task SetPasswordAsync(long person, string password, Actor actor, CancellationToken ct)
    {
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            Passwords.Check(password, (await PersonRows.GetAsync(db, person, ct)).Name);
        }

        var hash = Passwords.Hash(password);
        await changes.MakeAsync(async db =>
        {
            await db.ExecuteAsync(new CommandDefinition(
                "update people set password = @hash, issuer = null, subject = null, logins_since = @now where id = @person; delete from sessions where person = @person",
                new { hash, person, now = clock.GetUtcNow() }, cancellationToken: ct));
            return person;
        }, ct);
    }

    public Task<Person> CloseAsync(long person, bool closed, Actor actor, CancellationToken ct) => changes.MakeAsync(async db =>
    {
        await db.ExecuteAsync(new CommandDefinition(
            "update people set closed = @closed where id = @person; delete from sessions where person = @person and @closed",
            new { closed, person }, cancellationToken: ct));
        return person;
    }, ct);
}
