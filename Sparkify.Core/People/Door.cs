using Dapper;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>The door, on the store.</summary>
internal sealed class Door(
    IStore store, Standing standing, FailedSignIns failed, VouchedPeople vouched, IAuditWriter audit, TimeProvider clock) : IDoor
{
    private const string SignIn = "sessions.signin";
    private const int LongestBrowser = 300;

    public ValueTask<bool> HasAccountsAsync(CancellationToken ct) => standing.HasAccountsAsync(ct);

    public async Task BeginAsync(string name, string password, CancellationToken ct)
    {
        name = PersonName.Checked(name);
        Passwords.Check(password, name);
        var hash = Passwords.Hash(password);
        await store.InTransactionAsync(async db =>
        {
            // Two who come first at once: the one waits for the other, and is second.
            await db.ExecuteAsync(new CommandDefinition("lock table people in exclusive mode", cancellationToken: ct));
            if (await db.ExecuteScalarAsync<bool>(new CommandDefinition("select exists (select 1 from people)", cancellationToken: ct)))
            {
                throw SparkifyException.Conflict("There is an administrator already. Ask them to let you in.");
            }

            var id = await PersonRows.InsertAsync(db, name, hash, name, clock.GetUtcNow(), ct);
            await PersonRows.GrantAsync(db, id!.Value, [new Grant(Role.Admin)], ct);
            await db.ExecuteAsync(new CommandDefinition("select accounts_begin(@name)", new { name }, cancellationToken: ct));
            return true;
        }, ct);
        standing.Changed(new Stale(Person: null));
        await audit.WriteAsync(name, address: "", "first account", "people.begin", AuditOutcome.Done, ct);
    }

    public Task<string> SignInAsync(string name, string password, CameFrom from, CancellationToken ct) =>
        RecordedAsync(name, "sign-in", from, () => CheckAsync(name, password, from, ct), ct);

    public Task<string> SignInAsync(Vouched who, CameFrom from, CancellationToken ct) => RecordedAsync(
        who.Name, VouchedPeople.Via, from, async () => !await standing.HasAccountsAsync(ct)
            ? throw SparkifyException.Denied("The first account has a password: the administrator makes it before anybody signs in elsewhere.")
            : await OpenAsync((await vouched.TakeInAsync(who, from.Address, ct)).Id, from, ct),
        ct);

    private async Task<string> CheckAsync(string name, string password, CameFrom from, CancellationToken ct)
    {
        await failed.CountAsync(name, from, ct);
        long? person;
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            (person, var hash) = await db.QuerySingleOrDefaultAsync<(long? Person, string? Hash)>(new CommandDefinition(
                "select id, password from people where lower(name) = lower(@name) and not closed",
                new { name = name.Trim() }, cancellationToken: ct));
            if (!Passwords.Fits(hash, password))
            {
                throw SparkifyException.Denied("Name and password do not fit together. Check both and try again.");
            }
        }

        await failed.ForgetAsync(name, from, person!.Value, ct);
        return await OpenAsync(person.Value, from, ct);
    }

    private async Task<string> RecordedAsync(
        string name, string via, CameFrom from, Func<Task<string>> signIn, CancellationToken ct)
    {
        try
        {
            return await RecordAsync(name, via, from, signIn, ct);
        }
        catch (Exception ex) when (DatabaseFaults.Refusal(ex) is not null)
        {
            throw DatabaseFaults.Refusal(ex)!; // nobody comes in unrecorded
        }
    }

    private async Task<string> RecordAsync(
        string name, string via, CameFrom from, Func<Task<string>> signIn, CancellationToken ct)
    {
        try
        {
            var secret = await signIn();
            await audit.WriteAsync(name, from.Address, via, SignIn, AuditOutcome.Done, ct, detail: from.Browser);
            return secret;
        }
        catch (SparkifyException ex)
        {
            // Whoever hangs up at once is recorded all the same.
            await audit.WriteAsync(
                name, from.Address, via, SignIn, AuditOutcome.Refused, CancellationToken.None, detail: from.Browser, said: ex.Message);
            throw;
        }
    }

    private async Task<string> OpenAsync(long person, CameFrom from, CancellationToken ct)
    {
        var secret = Secrets.New();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            insert into sessions (id, person, made_at, seen_at, address, browser)
            values (@id, @person, @now, @now, @Address, @browser)
            """,
            new
            {
                id = Secrets.Hash(secret),
                person,
                now = clock.GetUtcNow(),
                from.Address,
                browser = from.Browser.Length > LongestBrowser ? from.Browser[..LongestBrowser] : from.Browser,
            }, cancellationToken: ct));
        return secret;
    }

    public Task RefusedAsync(CameFrom from, string said, CancellationToken ct) => audit.WriteAsync(
        actor: "unknown", from.Address, VouchedPeople.Via, SignIn, AuditOutcome.Refused, ct, detail: from.Browser, said: said);

    public ValueTask<Caller?> FindAsync(string secret, CancellationToken ct) => standing.FindAsync(secret, ct);

    public ValueTask<Caller?> FindTokenAsync(string secret, CancellationToken ct) => standing.FindTokenAsync(secret, ct);

    public async Task SignOutAsync(string secret, CancellationToken ct)
    {
        if (await standing.FindAsync(secret, ct) is not { } caller)
        {
            return;
        }

        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from sessions where number = @Session", new { caller.Session }, cancellationToken: ct));
        standing.Changed(new Stale(caller.Actor.Name, caller.Session));
        await audit.WriteAsync(
            caller.Actor.Name, address: "", $"session {caller.Session}", "sessions.signout", AuditOutcome.Done, ct);
    }

    public Subscription<Stale> Subscribe() => standing.Subscribe();
}
