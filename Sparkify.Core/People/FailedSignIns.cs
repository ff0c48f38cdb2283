using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>
/// Counts attempts by the name that was typed and by where: at one address, and, with more patience, anywhere at all. Some are free, then
/// each has to wait twice as long as the one before. A browser somebody signed in from before is a place of its own: whatever strangers
/// try elsewhere, its owner is not delayed. An attempt counts before it is looked at: any number at once are no way around.
/// </summary>
internal sealed class FailedSignIns(IStore store, TimeProvider clock)
{
    private const string Anywhere = "";
    // When the next attempt is looked at.
    private const string Next = "f.last_at + least(@First * power(2, least(f.times - @free, 16)), @Longest)";
    private const int Free = 5;
    private const int FreeAnywhere = 50;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);
    private static readonly TimeSpan BrowserForgotten = TimeSpan.FromDays(180);

    /// <summary>Counts an attempt to sign in; throws a sentence when it comes too soon.</summary>
    public async Task CountAsync(string name, CameFrom from, CancellationToken ct)
    {
        if (await IsKnownAsync(name, from, ct))
        {
            await CountAsync(name, Browser(from), ct);
            return;
        }

        await CountAsync(name, Address(from), ct);
        await CountAsync(name, Anywhere, FreeAnywhere, ct);
    }

    /// <summary>Counts an attempt at one place; throws a sentence when it comes too soon.</summary>
    public Task CountAsync(string name, string place, CancellationToken ct) => CountAsync(name, place, Free, ct);

    /// <summary>Forgets the attempts from somewhere, and keeps the browser in mind: it was the right password.</summary>
    public async Task ForgetAsync(string name, CameFrom from, long person, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        // What strangers tried elsewhere stands: somebody who signs in meanwhile does not set their count back.
        await ForgetAsync(db, name, [Address(from), Browser(from)], ct);
        if (from.Kept is not { } kept)
        {
            return;
        }

        var now = clock.GetUtcNow();
        await db.ExecuteAsync(new CommandDefinition(
            """
            delete from browsers where person = @person and seen_at < @before;
            insert into browsers (id, person, seen_at) values (@id, @person, @now) on conflict (id, person) do update set seen_at = @now
            """,
            new { id = Secrets.Hash(kept), person, now, before = now - BrowserForgotten }, cancellationToken: ct));
    }

    /// <summary>Forgets those at one place.</summary>
    public async Task ForgetAsync(string name, string place, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await ForgetAsync(db, name, [place], ct);
    }

    private static Task<int> ForgetAsync(NpgsqlConnection db, string name, string[] places, CancellationToken ct) => db.ExecuteAsync(
        new CommandDefinition(
            "delete from failed_sign_ins where name = @name and place = any(@places)", new { name = Key(name), places },
            cancellationToken: ct));

    private async Task CountAsync(string name, string place, int free, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from failed_sign_ins where last_at < @before", new { before = now - Forgotten }, cancellationToken: ct));
        var values = new { name = Key(name), place, now, free, First, Longest };
        var counted = await db.ExecuteAsync(new CommandDefinition(
            $"""
            insert into failed_sign_ins as f (name, place, times, last_at) values (@name, @place, 1, @now)
            on conflict (name, place) do update set times = f.times + 1, last_at = @now where f.times < @free or {Next} <= @now
            """,
            values, cancellationToken: ct));
        if (counted == 0)
        {
            throw new SparkifyException(
                ProblemKind.TooMany, $"Too many attempts with this name. Wait up to {Longest.TotalMinutes:0} minutes, then try again.")
            {
                Wait = await db.ExecuteScalarAsync<TimeSpan>(new CommandDefinition(
                    $"select {Next} - @now from failed_sign_ins f where name = @name and place = @place", values, cancellationToken: ct)),
            };
        }
    }

    // Asked the same whether or not there is such a person, or such a browser.
    private async Task<bool> IsKnownAsync(string name, CameFrom from, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            select exists (
                select 1 from browsers b join people p on p.id = b.person
                where  b.id = @id and lower(p.name) = @name and b.seen_at > @after)
            """,
            new { id = Secrets.Hash(from.Kept ?? ""), name = Key(name), after = clock.GetUtcNow() - BrowserForgotten },
            cancellationToken: ct));
    }

    private static string Browser(CameFrom from) => $"browser {Convert.ToHexString(Secrets.Hash(from.Kept ?? ""))}";

    // Whoever has one address of IPv6 has at least 2^64 of them.
    private static string Address(CameFrom from) =>
        IPAddress.TryParse(from.Address, out var ip) && ip is { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
            ? $"address {Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8))}::/64"
            : $"address {from.Address}";

    // What is typed can be anything: as much of it as a name can have tells one from another.
    private static string Key(string name)
    {
        var typed = name.Trim().ToLowerInvariant().Replace('\0', ' ');
        return typed.Length > 64 ? typed[..64] : typed;
    }
}
