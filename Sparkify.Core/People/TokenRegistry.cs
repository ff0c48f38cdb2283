using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>Tokens, in the store.</summary>
internal sealed class TokenRegistry(IStore store, Standing standing, TimeProvider clock) : ITokens
{
    /// <summary>What every token begins with, so that one that lies about is known for what it is.</summary>
    public const string Prefix = "sparkify_";

    private const int LongestName = 100;
    private const int MostOfOne = 50;

    private const string Select =
        """
        select t.id, p.name as Person, t.name, t.role, t.warehouses, t.made_at as MadeAt, t.expires_at as ExpiresAt, t.used_at as UsedAt
        from   tokens t join people p on p.id = t.person where t.revoked_at is null and t.expires_at > @now
        """;

    public Task<IReadOnlyList<Token>> OwnAsync(Actor actor, CancellationToken ct) => ReadAsync("and p.name = @name", actor.Name, ct);

    public Task<IReadOnlyList<Token>> ListAsync(CancellationToken ct) => ReadAsync("", null, ct);

    public Task RevokeOwnAsync(long id, Actor actor, CancellationToken ct) => RevokeAsync(id, actor.Name, ct);

    public Task RevokeAsync(long id, Actor actor, CancellationToken ct) => RevokeAsync(id, person: null, ct);

    public async Task<MadeToken> MakeAsync(NewToken token, Actor actor, CancellationToken ct)
    {
        var name = GivenName.Checked(token.Name, "a token", LongestName);
        var problem = token.Days is < 1 or > ITokens.MostDays ? $"A token is good for 1 to {ITokens.MostDays} days, not {token.Days}."
            : token.Warehouses is [] ? "Name the warehouses the token is for, or leave them out: then it is for wherever you may."
            : token.Warehouses is not null && !token.Role.CanBeOnOne()
                ? $"A token with the role {token.Role.Word()} is for everything: leave the warehouses out."
            : null;
        if (problem is not null)
        {
            throw SparkifyException.Invalid(problem);
        }

        await CheckAsync(token.Warehouses ?? [], actor, ct);
        if ((await OwnAsync(actor, ct)).Count >= MostOfOne)
        {
            throw SparkifyException.Conflict($"You have {MostOfOne} tokens. Revoke one that is not needed any more.");
        }

        var secret = Prefix + Secrets.New();
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var id = await db.ExecuteScalarAsync<long?>(new CommandDefinition(
            """
            insert into tokens (person, name, secret, role, warehouses, made_at, expires_at)
            select id, @name, @hash, @role, @warehouses, @now, @until from people where people.name = @person returning id
            """,
            new
            {
                name,
                hash = Secrets.Hash(secret),
                role = token.Role.Word(),
                warehouses = token.Warehouses?.ToArray(),
                now,
                until = now.AddDays(token.Days),
                person = actor.Name,
            }, cancellationToken: ct)) ?? throw SparkifyException.Conflict(
                "Tokens belong to people, and nobody is registered: on this machine programs need none.");
        return new MadeToken(
            new Token(id, actor.Name, name, token.Role, token.Warehouses, now, now.AddDays(token.Days), UsedAt: null), secret);
    }

    // One that is misspelt would make a token that may nothing. Another's is none, in the same words.
    private async Task CheckAsync(IReadOnlyList<string> warehouses, Actor actor, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var there = (await db.QueryAsync<string>(new CommandDefinition(
            "select name from warehouses where name = any(@names)", new { names = warehouses.ToArray() }, cancellationToken: ct))).ToList();
        if (warehouses.FirstOrDefault(w => !there.Contains(w, StringComparer.Ordinal) || !actor.Grants.MayOn(Right.See, w)) is { } none)
        {
            throw SparkifyException.NotFound($"There is no warehouse named '{none}'. The overview lists those there are.");
        }
    }

    private async Task<IReadOnlyList<Token>> ReadAsync(string where, string? name, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"{Select} {where} order by t.id desc", new { name, now = clock.GetUtcNow() }, cancellationToken: ct));
        return [.. rows.Select(static r => new Token(
            r.Id, r.Person, r.Name, Words.Parse<Role>(r.Role), r.Warehouses, At(r.MadeAt), At(r.ExpiresAt),
            r.UsedAt is { } at ? At(at) : null))];
    }

    private async Task RevokeAsync(long id, string? person, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var whose = await db.ExecuteScalarAsync<string?>(new CommandDefinition(
            """
            update tokens t set revoked_at = @now from people p
            where  t.id = @id and p.id = t.person and t.revoked_at is null and (@person::text is null or p.name = @person) returning p.name
            """,
            new { id, person, now = clock.GetUtcNow() }, cancellationToken: ct))
            ?? throw SparkifyException.NotFound($"There is no token {id}. It may have been revoked already.");
        standing.Changed(new Stale(whose, Token: id));
    }

    private static DateTimeOffset At(DateTime utc) => new(utc, TimeSpan.Zero);

    private sealed class Row
    {
        public long Id { get; init; }
        public string Person { get; init; } = "";
        public string Name { get; init; } = "";
        public string Role { get; init; } = "";
        public string[]? Warehouses { get; init; }
        public DateTime MadeAt { get; init; }
        public DateTime ExpiresAt { get; init; }
        public DateTime? UsedAt { get; init; }
    }
}
