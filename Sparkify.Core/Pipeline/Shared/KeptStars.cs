using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Pipeline.Local;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Shared;

/// <summary>The stars of before, in a schema each beside the published one.</summary>
internal sealed class KeptStars(StarVersions versions, IOptions<LoadOptions> options)
{
    /// <summary>After a star was published: writes down which ones of before there are, and drops those that are too many.</summary>
    public async Task SettleAsync(NpgsqlConnection db, LoadContext load, CancellationToken ct)
    {
        var schemas = load.Warehouse.Schemas;
        var found = await OthersAsync(db, schemas, load.Star, ct);
        if (load.Warehouse.Existing is not null)
        {
            // In a database of somebody else, a schema of such a name may be theirs.
            foreach (var run in found.ToList())
            {
                if (!await db.HasTableAsync(schemas.Kept(run), WarehouseSchemas.Mark, ct))
                {
                    found.Remove(run);
                }
            }
        }

        // What a put-back has replaced can be put back in turn, however few are to be kept.
        var keep = load.Step.Star is null ? options.Value.KeptStars : Math.Max(1, options.Value.KeptStars);
        var beyond = await versions.FoundAsync(
            load.Warehouse.Name, load.Star, await WithSizesAsync(db, load.Warehouse, found, ct), keep, ct);
        var others = load.Warehouse.Target == WarehouseTarget.Local
            ? await StarDifference.OthersAsync(db, schemas, found, ct) : new Dictionary<long, long>();
        foreach (var run in WithDependent(others, beyond))
        {
            // What somebody reads stays, and so does what it needs.
            if (!found.Exists(kept => others.GetValueOrDefault(kept) == run) && await TryDropAsync(db, load, run, ct))
            {
                await versions.DroppedAsync(load.Warehouse.Name, run, ct);
                found.Remove(run);
            }
        }

        if (found.Count > 0)
        {
            load.Step.Log(
                $"Kept, and can be put back: the star of {string.Join(", ", found.Order().Select(static run => $"load {run}"))}.");
        }
    }

    /// <summary>The loads whose stars have a schema each, beside the one that is published.</summary>
    public static async Task<List<long>> OthersAsync(NpgsqlConnection db, WarehouseSchemas schemas, long star, CancellationToken ct) =>
    [
        .. (await db.QueryAsync<string>(new CommandDefinition("select nspname from pg_namespace", cancellationToken: ct)))
            .Select(schemas.KeptRun).OfType<long>().Where(run => run != star).Order(),
    ];

    private static async Task<IReadOnlyList<(long Run, long? Bytes)>> WithSizesAsync(
        NpgsqlConnection db, Warehouse warehouse, IReadOnlyList<long> found, CancellationToken ct)
    {
        if (warehouse.Target != WarehouseTarget.Local)
        {
            return [.. found.Select(static run => (run, (long?)null))];
        }

        var sizes = (await db.QueryAsync<(string, long)>(new CommandDefinition(
            PostgresDdl.Sizes, new { schemas = found.Select(warehouse.Schemas.Kept).ToArray() }, cancellationToken: ct)))
            .ToDictionary(StringComparer.Ordinal);
        return [.. found.Select(run => (run, (long?)sizes.GetValueOrDefault(warehouse.Schemas.Kept(run))))];
    }

    // A star that is kept as a difference is lost with the one it differs from: it goes first.
    private static IEnumerable<long> WithDependent(IReadOnlyDictionary<long, long> others, IReadOnlyList<long> beyond)
    {
        List<long> gone = [.. beyond];
        for (var at = 0; at < gone.Count; at++)
        {
            gone.AddRange(others.Where(o => o.Value == gone[at] && !gone.Contains(o.Key)).Select(static o => o.Key).ToList());
        }

        // Whatever depends on another comes before it, however they were found.
        return gone.OrderByDescending(Depth);

        int Depth(long run) => others.TryGetValue(run, out var other) && gone.Contains(other) ? Depth(other) + 1 : 0;
    }

    // Readers see the new star already: whoever looks at an old one, in psql perhaps, does not hold the run up.
    private static async Task<bool> TryDropAsync(NpgsqlConnection db, LoadContext load, long run, CancellationToken ct)
    {
        var drop = $"drop schema if exists {load.Warehouse.Schemas.Kept(run)} cascade";
        try
        {
            await db.RunAsync(
                load.Warehouse.Target == WarehouseTarget.Local ? $"set lock_timeout = '2s'; {drop}; reset lock_timeout" : drop, ct);
            return true;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            load.Step.Log($"The star of load {run} is too old to be kept, but somebody reads it. The next publish drops it.");
            return false;
        }
    }
}
