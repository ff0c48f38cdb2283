using Dapper;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Warehouses;

/// <summary>
/// What the store knows of them. The schemas in the warehouse are the truth: who has published tells which there are.
/// </summary>
internal sealed class StarVersions(IStore store, TimeProvider clock) : IStarVersions
{
    // What is known of the star readers see; the one on record, when it is asked for the one it has just replaced.
    private const string Published =
        """
        select w.published_run as run, w.published_at, p.plays, p.matched_plays,
               (select sum(byte_count)::bigint from table_counts where warehouse = w.name) as bytes
        from   warehouses w left join play_counts p on p.warehouse = w.name
        where  w.name = @warehouse and w.published_run is not null
        """;

    public async Task<IReadOnlyList<StarVersion>> ListAsync(string warehouse, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        var rows = await db.QueryAsync<Row>(new CommandDefinition(
            $"""
            with published as ({Published})
            select run, published_at as PublishedAt, null::timestamptz as ReplacedAt, plays, matched_plays as MatchedPlays, bytes from published
            union all
            select run, published_at, replaced_at, plays, matched_plays, bytes from kept_stars
            where  warehouse = @warehouse and run not in (select run from published)
            order  by ReplacedAt desc nulls first, run desc
            """, new { warehouse }, cancellationToken: ct));
        return [.. rows.Select(static r => r.ToVersion())];
    }

    /// <summary>
    /// Writes down which stars of before there are in a warehouse, after one was published, and gives those that are to be dropped.
    /// </summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="published">The load whose star readers see now.</param>
    /// <param name="found">The loads whose other stars are there, each with its bytes where the server tells them.</param>
    /// <param name="keep">How many to keep.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<IReadOnlyList<long>> FoundAsync(
        string warehouse, long published, IReadOnlyCollection<(long Run, long? Bytes)> found, int keep, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var values = new
        {
            warehouse,
            star = published,
            found = found.Select(static f => f.Run).ToArray(),
            bytes = found.Select(static f => f.Bytes).ToArray(),
            keep,
            now = clock.GetUtcNow(),
        };
        // One that was not known has just been replaced: until its successor is counted, what is on record of the published one is of it.
        await db.ExecuteAsync(new CommandDefinition(
            $"""
            delete from kept_stars where warehouse = @warehouse and run <> all(@found) and run <> @star;
            insert into kept_stars (warehouse, run, published_at, replaced_at, plays, matched_plays, bytes)
            select @warehouse, found.run, coalesce(published.published_at, @now), @now, plays, matched_plays,
                   coalesce(found.bytes, published.bytes)
            from   unnest(@found, @bytes) found (run, bytes) left join ({Published}) published on published.run = found.run
            on conflict (warehouse, run) do update set bytes = coalesce(excluded.bytes, kept_stars.bytes)
            """, values, transaction, cancellationToken: ct));
        var beyond = (await db.QueryAsync<long>(new CommandDefinition(
            "select run from kept_stars where warehouse = @warehouse and run <> @star order by replaced_at desc, run desc offset @keep",
            values, transaction, cancellationToken: ct))).AsList();
        await transaction.CommitAsync(ct);
        return beyond;
    }

    /// <summary>
    /// Writes down a star that came back with a snapshot, as one of before; the one readers see is that only until it is counted.
    /// </summary>
    public async Task RestoredAsync(
        string warehouse, long run, DateTimeOffset publishedAt, long? plays, long? matched, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            """
            insert into kept_stars (warehouse, run, published_at, replaced_at, plays, matched_plays)
            values (@warehouse, @run, @at, @now, @plays, @matched)
            on conflict (warehouse, run) do nothing
            """, new { warehouse, run, at = publishedAt.UtcDateTime, now = clock.GetUtcNow().UtcDateTime, plays, matched }, cancellationToken: ct));
    }

    /// <summary>Writes down that a star of before is dropped.</summary>
    public async Task DroppedAsync(string warehouse, long run, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(
            "delete from kept_stars where warehouse = @warehouse and run = @run", new { warehouse, run }, cancellationToken: ct));
    }

    /// <summary>The star of before that a run is to put back: the one of a load, or the one replaced last. Throws a sentence.</summary>
    public async Task<long> ChooseAsync(string warehouse, long? asked, CancellationToken ct)
    {
        var all = await ListAsync(warehouse, ct);
        var kept = all.Where(static v => !v.Published).ToList();
        return kept.Find(v => asked is null || v.Run == asked) is { } chosen ? chosen.Run
            : throw SparkifyException.Conflict(
                all.FirstOrDefault(v => v.Run == asked) is { Published: true } ? $"Readers see the star of load {asked} already."
                : kept.Count == 0 ? $"No star of before is kept in '{warehouse}', so there is none to put back. Load it again instead."
                : $"The star of load {asked} is not kept in '{warehouse}'. Kept are those of {string.Join(", ", kept.Select(static v => $"load {v.Run}"))}.");
    }

    private sealed record Row(long Run, DateTime PublishedAt, DateTime? ReplacedAt, long? Plays, long? MatchedPlays, long? Bytes)
    {
        public StarVersion ToVersion() => new(
            Run, new DateTimeOffset(PublishedAt, TimeSpan.Zero),
            ReplacedAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null, Plays, MatchedPlays, Bytes);
    }
}
