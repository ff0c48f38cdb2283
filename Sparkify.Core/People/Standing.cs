using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
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
            if (entry.Caller.Actor.Name == what.Person && (what.Session is null || what.Session == entry.Caller.Session))
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

    public async ValueTask<Caller?> FindAsync(string secret, CancellationToken ct)
    {
        var hash = Secrets.Hash(secret);
        var key = Convert.ToHexString(hash);
        if (_known.TryGetValue(key, out var entry) && clock.GetElapsedTime(entry.At) < Fresh)
        {
            return entry.Caller;
        }

        var at = clock.GetTimestamp();
        var caller = await ReadAsync(hash, ct);
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

        if (now - row.SeenAt > SeenGrain)
        {
            await SeenAsync(db, hash, now, ct);
        }

        return new Caller(new Actor(row.Name) { Grants = new(PersonRows.Parse(row.Grants)) }, row.Number);
    }

    private static Task SeenAsync(NpgsqlConnection db, byte[] hash, DateTimeOffset now, CancellationToken ct) =>
        db.ExecuteAsync(new CommandDefinition(
            "update sessions set seen_at = @now where id = @hash and seen_at < @now", new { now, hash }, cancellationToken: ct));

    private sealed record Accounts(bool Any, long At);

    private sealed record Entry(Caller Caller, long At);

    private sealed class Row
    {
        public long Number { get; init; }
        public DateTime SeenAt { get; init; }
        public string Name { get; init; } = "";
        public string[] Grants { get; init; } = [];
    }
}
