using System.Collections.Concurrent;
using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>
/// Who is signed in and what they may, as it stands now. Kept in memory for as long as another process on this store may take to be heard
/// of; what this one changes counts at once.
/// </summary>
internal sealed class Standing(IStore store, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    // A session that nobody uses ends, and every one ends some day.
    private static readonly TimeSpan Idle = TimeSpan.FromHours(12);
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);
    private static readonly TimeSpan SeenGrain = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Entry> _known = new(StringComparer.Ordinal);
    private readonly Feed<Stale> _changes = new();
    private Accounts? _accounts;

    /// <summary>What ends or changes from now on.</summary>
    public Subscription<Stale> Subscribe() => _changes.Subscribe();

    /// <summary>Something has ended or changed, in the store already.</summary>
    public void Changed(Stale what)
    {
        if (what.Person is null)
        {
            _accounts = null;
        }

        foreach (var (hash, entry) in _known)
        {
            if (what.Concerns(entry.Caller))
            {
                _known.TryRemove(hash, out _);
            }
        }

        _changes.Publish(what);
    }

    public async ValueTask<bool> HasAccountsAsync(CancellationToken ct)
    {
        if (_accounts is { } known && (known.Any || clock.GetElapsedTime(known.At) < Fresh))
        {
            return known.Any;
        }

        var at = clock.GetTimestamp();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var any = await db.ExecuteScalarAsync<bool>(new CommandDefinition("select exists (select 1 from people)", cancellationToken: ct));
        _accounts = new Accounts(any, at);
        return any;
    }

    public ValueTask<Caller?> FindAsync(string secret, CancellationToken ct) => FindAsync(Secrets.Hash(secret), "s", ReadAsync, ct);

    public ValueTask<Caller?> FindTokenAsync(string secret, CancellationToken ct) =>
        FindAsync(Secrets.Hash(secret), "t", ReadTokenAsync, ct);

    private async ValueTask<Caller?> FindAsync(
        byte[] hash, string kind, Func<byte[], CancellationToken, Task<Caller?>> readAsync, CancellationToken ct)
    {
        var key = kind + Convert.ToHexString(hash);
        if (_known.TryGetValue(key, out var entry) && clock.GetElapsedTime(entry.At) < Fresh)
        {
            return entry.Caller;
        }

        var at = clock.GetTimestamp();
        var caller = await readAsync(hash, ct);
        if (caller is null)
        {
            _known.TryRemove(key, out _);
        }
        else
        {
            _known[key] = new Entry(caller, at);
        }

        return caller;
    }

    private async Task<Caller?> ReadAsync(byte[] hash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var row = await db.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"""
            select s.number, s.seen_at as SeenAt, p.name, {PersonRows.Grants} as Grants
            from   sessions s join people p on p.id = s.person
            where  s.id = @hash and not p.closed and s.seen_at > @now - @Idle and s.made_at > @now - @Life
            """,
            new { hash, now, Idle, Life }, cancellationToken: ct));
        if (row is null)
        {
            return null;
        }

        if (now - new DateTimeOffset(row.SeenAt, TimeSpan.Zero) > SeenGrain)
        {
            await db.ExecuteAsync(new CommandDefinition(
                "update sessions set seen_at = @now where id = @hash and seen_at < @now", new { now, hash }, cancellationToken: ct));
        }

        return new Caller(new Actor(row.Name) { Grants = new(PersonRows.Parse(row.Grants)) }, row.Number);
    }

    private async Task<Caller?> ReadTokenAsync(byte[] hash, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var row = await db.QuerySingleOrDefaultAsync<TokenRow>(new CommandDefinition(
            $"""
            select t.id, t.role, t.warehouses, p.name, {PersonRows.Grants} as Grants
            from   tokens t join people p on p.id = t.person
            where  t.secret = @hash and not p.closed and t.revoked_at is null and t.expires_at > @now
            """,
            new { hash, now }, cancellationToken: ct));
        if (row is null)
        {
            return null;
        }

        await db.ExecuteAsync(new CommandDefinition(
            "update tokens set used_at = @now where id = @Id and (used_at is null or used_at < @now - @SeenGrain)",
            new { now, row.Id, SeenGrain }, cancellationToken: ct));
        var role = Words.Parse<Role>(row.Role);
        var bound = new Grants(row.Warehouses?.Select(w => new Grant(role, w)) ?? [new Grant(role)]);
        return new Caller(
            new Actor(row.Name) { Grants = new Grants(PersonRows.Parse(row.Grants)).Within(bound) }, Session: null, row.Id);
    }

    private sealed record Accounts(bool Any, long At);

    private sealed record Entry(Caller Caller, long At);

    private sealed class TokenRow
    {
        public long Id { get; init; }
        public string Role { get; init; } = "";
        public string[]? Warehouses { get; init; }
        public string Name { get; init; } = "";
        public string[] Grants { get; init; } = [];
    }

    private sealed class Row
    {
        public long Number { get; init; }
        public DateTime SeenAt { get; init; }
        public string Name { get; init; } = "";
        public string[] Grants { get; init; } = [];
    }
}
