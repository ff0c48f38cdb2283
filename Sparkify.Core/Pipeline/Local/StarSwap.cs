using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// What changes the star readers see, in one transaction: another star takes its place, rows are added to it, or it becomes one of before
/// again by what that one differs in.
/// </summary>
/// <param name="load">The run.</param>
/// <param name="old">The load whose star readers see; none when there is none.</param>
/// <param name="from">The kept star or the build that takes its place; none when it changes as it stands.</param>
/// <param name="differences">The loads of the differences that are applied, in this order, each with the load it leads away from.</param>
internal sealed class StarSwap(LoadContext load, long? old, string? from, IReadOnlyList<(long Run, long Other)> differences)
{
    /// <summary>What leads to the star of a run; throws when something of it is not there any more.</summary>
    public static async Task<StarSwap> FindAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        var old = await LoadMark.FindAsync(db, load.Published, ct);
        if (load.Addition is { } addition)
        {
            await LoadMark.EnsureHoldsAsync(db, load.Build, load.Star, ct);
            await LoadMark.EnsureHoldsAsync(db, load.Published, addition.Star, ct);
            return new StarSwap(load, old, from: null, []);
        }

        // A star kept as a difference needs the one it differs from, which may be kept so, too.
        List<(long Run, long Other)> path = [];
        for (var at = load.Star; ;)
        {
            var schema = at == load.Star ? load.From : load.Warehouse.Schemas.Kept(at);
            await LoadMark.EnsureHoldsAsync(db, schema, at, ct);
            var others = await StarDifference.OthersAsync(db, load.Warehouse.Schemas, [at], ct);
            if (load.Step.Star is null || !others.TryGetValue(at, out var other))
            {
                return new StarSwap(load, old, schema, path);
            }

            path.Insert(0, (at, other));
            if (other == old)
            {
                return new StarSwap(load, old, from: null, path);
            }

            at = other;
        }
    }

    /// <summary>Does it; false when somebody holds a table for longer than we may keep others waiting.</summary>
    public async Task<bool> TryAsync(NpgsqlConnection db, CancellationToken ct) =>
        // What comes before the lock would be done for nothing, again and again, while a reader stays.
        (!Differences.Any() || await LockedAsync(db, static () => Task.CompletedTask, commits: false, ct))
        && await LockedAsync(db, () => PrepareAsync(db, ct), commits: true, ct);

    private async Task<bool> LockedAsync(NpgsqlConnection db, Func<Task> prepareAsync, bool commits, CancellationToken ct)
    {
        await using var transaction = await db.BeginTransactionAsync(ct);
        try
        {
            await db.RunAsync("set local lock_timeout = '2s'", ct);
            await prepareAsync();
            await LockAsync(db, ct);
            if (commits)
            {
                await FinishAsync(db, ct);
                await transaction.CommitAsync(ct);
            }

            return true;
        }
        catch (PostgresException ex) when (ex.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            await transaction.RollbackAsync(ct);
            return false;
        }
    }

    // All that no reader has to wait for.
    private async Task PrepareAsync(NpgsqlConnection db, CancellationToken ct)
    {
        if (load.Addition is { } addition)
        {
            await StarDifference.MakeAsync(db, load, addition.Star, ct);
        }

        foreach (var (run, other) in differences)
        {
            await StarDifference.TurnAsync(db, load.Warehouse.Schemas.Kept(run), run, other, ct);
        }

        foreach (var difference in Differences)
        {
            await StarDifference.ApplyRecordsAsync(db, difference, from ?? load.Published, ct);
            if (from is not null)
            {
                await StarDifference.ApplyStarAsync(db, difference, from, ct);
            }
        }

        if (from is not null)
        {
            await db.RunAsync(PostgresDdl.References(from), ct);
        }
    }

    private async Task FinishAsync(NpgsqlConnection db, CancellationToken ct)
    {
        if (from is not null)
        {
            await ReplaceAsync(db, from, ct);
        }
        else
        {
            foreach (var difference in Differences)
            {
                await StarDifference.ApplyStarAsync(db, difference, load.Published, ct);
            }
        }

        // Each keeps the star now that it led away from; that one's own schema is gone by now.
        foreach (var (run, other) in differences)
        {
            await db.RunAsync($"alter schema {load.Warehouse.Schemas.Kept(run)} rename to {load.Warehouse.Schemas.Kept(other)}", ct);
        }
    }

    // The schemas of what is applied.
    private IEnumerable<string> Differences => load.Addition is { } addition
        ? [load.Warehouse.Schemas.Kept(addition.Star)] : differences.Select(d => load.Warehouse.Schemas.Kept(d.Run));

    private async Task LockAsync(NpgsqlConnection db, CancellationToken ct)
    {
        var tables = (await db.QueryAsync<string>(new CommandDefinition(
            """
            select format('%I.%I', @schema, relname) from pg_class
            where  relnamespace = to_regnamespace(@schema) and relkind = 'r' order by relname
            """,
            new { schema = load.Published }, cancellationToken: ct))).AsList();
        if (tables.Count > 0)
        {
            await db.RunAsync($"lock table {string.Join(", ", tables)} in access exclusive mode", ct);
        }
    }

    private async Task ReplaceAsync(NpgsqlConnection db, string with, CancellationToken ct)
    {
        var names = new LocalNames(load.Warehouse.Name);
        List<string> readers = [names.Reporter];
        if (await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select to_regrole(@Readers) is not null", new { names.Readers }, cancellationToken: ct)))
        {
            readers.Add(names.Readers); // somebody has a login of their own
        }

        if (old is { } run)
        {
            await db.RunAsync($"alter schema {load.Published} rename to {load.Warehouse.Schemas.Kept(run)}", ct);
            await db.RunAsync($"revoke usage on schema {load.Warehouse.Schemas.Kept(run)} from {string.Join(", ", readers)}", ct);
        }
        else
        {
            await db.RunAsync($"drop schema if exists {load.Published} cascade", ct); // no star: as provisioning made it
        }

        await db.RunAsync($"alter schema {with} rename to {load.Published}", ct);
        await db.RunAsync($"grant usage on schema {load.Published} to {string.Join(", ", readers)}", ct);
        // The star may have been begun, or kept, before there was such a role to grant to.
        await db.RunAsync($"grant select on all tables in schema {load.Published} to {string.Join(", ", readers)}", ct);
    }
}
