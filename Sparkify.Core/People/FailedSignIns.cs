using Dapper;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.People;

/// <summary>
/// Counts attempts by the name that was typed. Some are free, then each has to wait twice as long as the one before. An attempt counts
/// before it is looked at: any number at once are no way around.
/// </summary>
internal sealed class FailedSignIns(IStore store, TimeProvider clock)
{
    // When the next attempt is looked at.
    private const string Next = "f.last_at + least(@First * power(2, least(f.times - @Free, 16)), @Longest)";
    private const int Free = 5;
    private static readonly TimeSpan First = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    /// <summary>Counts an attempt; throws a sentence when it comes too soon.</summary>
    public async Task CountAsync(string name, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from failed_sign_ins where last_at < @before", new { before = now - Forgotten }, cancellationToken: ct));
        var values = new { name = Key(name), now, Free, First, Longest };
        var counted = await db.ExecuteAsync(new CommandDefinition(
            $"""
            insert into failed_sign_ins as f (name, times, last_at) values (@name, 1, @now)
            on conflict (name) do update set times = f.times + 1, last_at = @now where f.times < @Free or {Next} <= @now
            """,
            values, cancellationToken: ct));
        if (counted == 0)
        {
            throw new SparkifyException(
                ProblemKind.TooMany, $"Too many attempts with this name. Wait up to {Longest.TotalMinutes:0} minutes, then try again.")
            {
                Wait = await db.ExecuteScalarAsync<TimeSpan>(new CommandDefinition(
                    $"select {Next} - @now from failed_sign_ins f where name = @name", values, cancellationToken: ct)),
            };
        }
    }

    /// <summary>Forgets those of a name: it was the right password.</summary>
    public static Task ForgetAsync(NpgsqlConnection db, string name, CancellationToken ct) => db.ExecuteAsync(new CommandDefinition(
        "delete from failed_sign_ins where name = @name", new { name = Key(name) }, cancellationToken: ct));

    // What is typed can be anything: as much of it as a name can have tells one from another.
    private static string Key(string name)
    {
        var typed = name.Trim().ToLowerInvariant().Replace('\0', ' ');
        return typed.Length > 64 ? typed[..64] : typed;
    }
}
