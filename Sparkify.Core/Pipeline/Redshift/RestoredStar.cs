using Dapper;
using Npgsql;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// What came back with a snapshot. The schemas say which loads built it, by their marks; what else there is to know of a load the store
/// knows, unless the load is another store's, or of a time that this one has forgotten.
/// </summary>
internal sealed class RestoredStar(
    IWarehouseDatabases databases, IWarehouseJournal journal, StarVersions versions, KeptStars kept, LoadFiles files, RunQueries runs)
    : IRestoredStar
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

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

        if (await PublishedAtAsync(warehouse.Name, star, taken, ct) is not { } publishedAt)
        {
            step.Warn(
                $"The snapshot holds the star of load {star}, and this store knows no such load of '{warehouse.Name}' from before the snapshot: another store made it, or this one was restored from an older backup. "
                + "Readers see it, but nothing is known of it; the next load reads everything and replaces it.");
            return $"the star of a load {star} that this store does not know";
        }

        await versions.RestoredAsync(warehouse.Name, star, publishedAt, plays: null, matched: null, ct);
        foreach (var run in (await db.QueryAsync<string>(new CommandDefinition("select nspname from pg_namespace", cancellationToken: ct)))
            .Select(schemas.KeptRun).OfType<long>().Where(run => run != star).Order().ToList())
        {
            await KeepAsync(db, warehouse, run, taken, ct);
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

    private async Task KeepAsync(NpgsqlConnection db, Warehouse warehouse, long run, DateTimeOffset? taken, CancellationToken ct)
    {
        var schema = warehouse.Schemas.Kept(run);
        if (await db.HasTableAsync(schema, "songplays", ct) && await PublishedAtAsync(warehouse.Name, run, taken, ct) is { } at)
        {
            var (plays, matched) = await db.QuerySingleAsync<(long, long)>(new CommandDefinition(
                $"select count(*), count(song_id) from {schema}.songplays", commandTimeout: 0, cancellationToken: ct));
            await versions.RestoredAsync(warehouse.Name, run, at, plays, matched, ct);
        }
    }

    // When readers saw it first; none when it is no load of this warehouse, or one of after the snapshot that has got the same number.
    private async Task<DateTimeOffset?> PublishedAtAsync(string warehouse, long run, DateTimeOffset? taken, CancellationToken ct) =>
        await runs.FindAsync(run, ct) is { Kind: RunKind.Load } load && load.Warehouse == warehouse
        && load.Steps.FirstOrDefault(static s => s is { Name: "publish", State: StepState.Succeeded })?.FinishedAt is { } at
        && (taken is null || at <= taken + Skew) ? at : null;
}
