using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>Sessions, in the store.</summary>
internal sealed class SessionRegistry(IStore store, Standing standing, FailedSignIns failed, TimeProvider clock) : ISessions
{
    private const string Select =
        """
        select s.number, p.name as Person, s.made_at as MadeAt, s.seen_at as SeenAt, s.address, s.browser
        from   sessions s join people p on p.id = s.person
        """;

    public Task<IReadOnlyList<Session>> OwnAsync(Actor actor, CancellationToken ct) => ReadAsync("where p.name = @name", actor.Name, ct);

    public Task<IReadOnlyList<Session>> ListAsync(CancellationToken ct) => ReadAsync("", null, ct);

    public Task EndOwnAsync(long number, Actor actor, CancellationToken ct) => EndAsync(number, actor.Name, null, ct);

    public async Task EndAllOwnAsync(Actor actor, CancellationToken ct)
    {
        // Sessions first: what one of them asks for now is of before the logins' end.
        await EndAsync(null, actor.Name, null, ct);
        await using (var db = await store.Database.OpenConnectionAsync(ct))
        {
            await db.ExecuteAsync(new CommandDefinition(
                "update people set logins_since = @now where name = @Name", new { now = clock.GetUtcNow(), actor.Name },
                cancellationToken: ct));
        }

        standing.Changed(new Stale(actor.Name));
    }

    public Task EndAsync(long number, Actor actor, CancellationToken ct) => EndAsync(number, null, null, ct);

    public async Task ChangePasswordAsync(string now, string wanted, long session, Actor actor, CancellationToken ct)
    {
        var place = $"session {session}";
        await failed.CountAsync(actor.Name, place, ct);
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var hash = await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            "select password from people where name = @Name", new { actor.Name }, cancellationToken: ct))
            ?? throw SparkifyException.Conflict("You sign in through the single sign-on and have no password here.");
        if (!Passwords.Fits(hash, now))
        {
            throw SparkifyException.Denied("That is not your present password. Type it again.");
        }

        await failed.ForgetAsync(actor.Name, place, ct);
        Passwords.Check(wanted, actor.Name);
        await db.ExecuteAsync(new CommandDefinition(
            "update people set password = @hash where name = @Name", new { hash = Passwords.Hash(wanted), actor.Name },
            cancellationToken: ct));
        await EndAsync(null, actor.Name, session, ct);
    }

    private async Task<IReadOnlyList<Session>> ReadAsync(string where, string? name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"{Select} {where} order by s.seen_at desc, s.number desc", new { name }, cancellationToken: ct));
        return [.. rows.Select(static r => new Session(
            r.Number, r.Person, new DateTimeOffset(r.MadeAt, TimeSpan.Zero), new DateTimeOffset(r.SeenAt, TimeSpan.Zero), r.Address,
            r.Browser))];
    }

    private async Task EndAsync(long? number, string? person, long? but, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var ended = (await db.QueryAsync<(long Number, string Person)>(new CommandDefinition(
            """
            delete from sessions s using people p
            where  p.id = s.person and (@person::text is null or p.name = @person) and (@number::bigint is null or s.number = @number)
            and    (@but::bigint is null or s.number <> @but)
            returning s.number, p.name
            """,
            new { number, person, but }, cancellationToken: ct))).AsList();
        if (ended.Count == 0 && number is not null)
        {
            throw SparkifyException.NotFound($"There is no session {number}. It may have ended by itself.");
        }

        foreach (var (one, whose) in ended)
        {
            standing.Changed(new Stale(whose, one));
        }
    }

    private sealed class Row
    {
        public long Number { get; init; }
        public string Person { get; init; } = "";
        public DateTime MadeAt { get; init; }
        public DateTime SeenAt { get; init; }
        public string Address { get; init; } = "";
        public string Browser { get; init; } = "";
    }
}
