using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// What came back with a snapshot. The schemas say which loads built it, by their marks; what else there is to know of a load the store
/// knows, unless the load is another store's, or of a time that this one has forgotten. Nothing of a load that is not known keeps its mark:
/// this store gives its number to another load one day.
/// </summary>
internal sealed class RestoredStar(
    IWarehouseDatabases databases, IWarehouseJournal journal, StarVersions versions, KeptStars kept, LoadFiles files, RunQueries runs)
    : IRestoredStar
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    // What is read to take a star down, and what readers and reports go by.
    private static readonly IReadOnlyList<(string Table, string Column)> Needed =
    [
        .. StarSchema.Tables.SelectMany(static t => t.Columns.Select(c => (t.Name, c.Name))),
        ("load", "run"), ("load", "repeated_plays"), ("load_counts", "part"), ("load_counts", "read"), ("load_counts", "staged"),
    ];

    public async Task<string> TakeOverAsync(Warehouse warehouse, DateTimeOffset? taken, StepContext step, CancellationToken ct)
    {
        var database = databases.Open(warehouse, WarehouseRole.Loader);
        await using var db = await database.OpenConnectionAsync(ct);
        var schemas = warehouse.Schemas;
        if (!await db.HasTableAsync(schemas.Published, "load", ct) || await LoadMark.FindAsync(db, schemas.Published, ct) is not { } star)
        {
            step.Log("The snapshot holds no star: nothing had been loaded when it was taken.");
            return "no star in it";
        }

        var (publishedAt, why) = await JudgeAsync(db, warehouse.Name, schemas.Published, star, taken, ct);
        if (why is null)
        {
            await versions.RestoredAsync(warehouse.Name, star, publishedAt, plays: null, matched: null, ct);
        }

        foreach (var run in await KeptStars.OthersAsync(db, schemas, star, ct))
        {
            await KeepAsync(db, warehouse, run, taken, step, ct);
        }

        if (why is not null)
        {
            await ForgetAsync(db, schemas, star, ct);
            step.Warn($"The snapshot holds the star of load {Math.Abs(star)}, and {why}. Readers see it, but nothing is known of it; the next load reads everything and replaces it.");
            return $"the star of a load {Math.Abs(star)}, of which nothing is known";
        }

        var load = new LoadContext(warehouse, database, step) { Restored = star };
        await kept.SettleAsync(db, load, ct);
        await new CountsStep(journal, sizes: false).RunAsync(load, ct);
        step.Log($"The snapshot brought back the star of load {star}; readers see it.");
        if (!await files.KnowsAsync(star, ct))
        {
            step.Warn(
                $"Which objects are in the star of load {star} is not known any more: a later load of '{warehouse.Name}' took the place of that list. The next load reads everything, also where only what is new was chosen.");
        }

        return $"the star of load {star}, {step.Progress.Message}";
    }

    // One that can be put back is written down. Another would only be in the way: of its number, which another load of this store may have,
    // and of its tables.
    private async Task KeepAsync(
        NpgsqlConnection db, Warehouse warehouse, long run, DateTimeOffset? taken, StepContext step, CancellationToken ct)
    {
        var schema = warehouse.Schemas.Kept(run);
        var (at, why) = await JudgeAsync(db, warehouse.Name, schema, run, taken, ct);
        if (why is not null)
        {
            await db.RunAsync($"drop schema {schema} cascade", ct);
            step.Warn($"The snapshot also held the star of load {run} from before, and {why}. It could not be put back, so it was dropped.");
            return;
        }

        var (plays, matched) = await db.QuerySingleAsync<(long, long)>(new CommandDefinition(
            $"select count(*), count(song_id) from {schema}.songplays", commandTimeout: 0, cancellationToken: ct));
        await versions.RestoredAsync(warehouse.Name, run, at, plays, matched, ct);
    }

    // When readers saw it first, or why it is not taken for what it says it is.
    private async Task<(DateTimeOffset At, string? Why)> JudgeAsync(
        NpgsqlConnection db, string warehouse, string schema, long star, DateTimeOffset? taken, CancellationToken ct)
    {
        if (star < 0)
        {
            return (default, "it was not known already when it came back before");
        }

        if (await PublishedAtAsync(warehouse, star, taken, ct) is not { } at)
        {
            return (default, $"this store knows no such load of '{warehouse}' from before the snapshot: another store made it, or this one was restored from an older backup");
        }

        return await TableColumns.HasAsync(db, schema, Needed, ct) ? (at, null) : (at, "another version of the application built it");
    }

    // No load has a number below zero: what bears one is never taken for the star of a load of this store. Without the mark of its build
    // it is not kept as one, either.
    private static async Task ForgetAsync(NpgsqlConnection db, WarehouseSchemas schemas, long star, CancellationToken ct)
    {
        if (await db.HasTableAsync(schemas.Build, "load", ct))
        {
            await db.RunAsync($"delete from {schemas.Build}.load", ct);
        }

        if (star > 0)
        {
            await db.RunAsync($"update {schemas.Published}.load set run = -run", ct);
        }
    }

    // When readers saw it first; none when it is no load of this warehouse, or one of after the snapshot that has got the same number.
    private async Task<DateTimeOffset?> PublishedAtAsync(string warehouse, long run, DateTimeOffset? taken, CancellationToken ct) =>
        await runs.FindAsync(run, ct) is { Kind: RunKind.Load } load && load.Warehouse == warehouse
        && load.Steps.FirstOrDefault(static s => s is { Name: "publish", State: StepState.Succeeded })?.FinishedAt is { } at
        && (taken is null || at <= taken + Skew) ? at : null;
}
