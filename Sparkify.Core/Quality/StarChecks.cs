using Npgsql;

namespace Sparkify.Core.Quality;

/// <summary>A named test of a freshly built star.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What it asks, in a sentence.</param>
internal sealed record StarCheck(string Name, string Question);

/// <summary>A query that answers one or several checks in one pass: for each, in order, a column that counts what should not be.</summary>
/// <param name="Checks">The checks it answers.</param>
/// <param name="Sql">The query; <c>{0}</c> stands for the schema.</param>
internal sealed record StarQuery(IReadOnlyList<StarCheck> Checks, string Sql)
{
    /// <summary>How many rows offend each check, where 0 passes; none when the query gave no row, which no sound star makes it do.</summary>
    public async Task<IReadOnlyList<long>?> AskAsync(NpgsqlConnection db, string schema, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(string.Format(Sql, schema), db) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? [.. Enumerable.Range(0, Checks.Count).Select(reader.GetInt64)] : null;
    }
}

/// <summary>
/// The checks every load must pass before it is published: first those that read only the star, then those that read the staging tables,
/// too. Written in what PostgreSQL and Redshift have in common.
/// </summary>
internal static class StarChecks
{
    private static readonly IReadOnlyList<(string Table, string Key)> Keys =
        [("songplays", "songplay_id"), ("users", "user_id"), ("songs", "song_id"), ("artists", "artist_id"), ("time", "start_time")];

    private static readonly IReadOnlyList<StarQuery> Others =
    [
        Known("songplays", ("user_id", "users"), ("song_id", "songs"), ("artist_id", "artists"), ("start_time", "time")),
        Known("songs", ("artist_id", "artists")),
        One("staging_events_complete", "Is every event record that was read either staged or rejected?",
            "select abs(c.read - c.rejected - s.n) from {0}.load_counts c, (select count(*) as n from {0}.staging_events) s where c.part = 'events'"),
        One("staging_songs_complete", "Is every song record that was read either staged or rejected?",
            "select abs(c.read - c.rejected - s.n) from {0}.load_counts c, (select count(*) as n from {0}.staging_songs) s where c.part = 'songs'"),
        One("staging_events_present", "Are there any events at all?",
            "select 1 - count(*) from (select 1 from {0}.staging_events limit 1) present"),
        One("songplays_complete", "Does every play in the log have its row in songplays, those that repeat a key counted once?",
            """
            select abs(e.n - l.repeated_plays - p.n)
            from   {0}.load l, (select count(*) as n from {0}.staging_events where page = 'NextSong') e, (select count(*) as n from {0}.songplays) p
            """),
    ];

    /// <summary>For a server that enforces primary keys: where there is one, there is nothing to count.</summary>
    public static IReadOnlyList<StarQuery> WhereKeysAreEnforced { get; } = [.. Keys.Select(k => Unique(k.Table, k.Key, enforced: true)), .. Others];

    /// <summary>For a server that only notes primary keys.</summary>
    public static IReadOnlyList<StarQuery> WhereKeysAreNotEnforced { get; } = [.. Keys.Select(k => Unique(k.Table, k.Key, enforced: false)), .. Others];

    private static StarQuery One(string name, string question, string sql) => new([new StarCheck(name, question)], sql);

    private static StarQuery Unique(string table, string key, bool enforced)
    {
        var count = $"select count(*) from (select {key} from {{0}}.{table} group by {key} having count(*) > 1 or {key} is null) repeated";
        return One($"{table}_key_unique", $"Does every row of {table} have its own {key}?", !enforced ? count : $$"""
            select case when exists (
                       select 1 from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
                       where  c.conrelid = '{0}.{{table}}'::regclass and c.contype = 'p' and c.convalidated and a.attname = '{{key}}')
                   then 0
                   else ({{count}}) end
            """);
    }

    // All references of a table in one pass over it. Dimensions carry the same name for their key as the table that points to them.
    private static StarQuery Known(string table, params (string Column, string Dimension)[] references)
    {
        var counts = references.Select(r => $"count(case when f.{r.Column} is not null and {r.Dimension}.{r.Column} is null then 1 end)");
        var joins = references.Select(r => $"left join {{0}}.{r.Dimension} on {r.Dimension}.{r.Column} = f.{r.Column}");
        return new StarQuery(
            [.. references.Select(r => new StarCheck($"{table}_{r.Column}_known", $"Is every {r.Column} of {table} in {r.Dimension}?"))],
            $"select {string.Join(", ", counts)} from {{0}}.{table} f {string.Join(' ', joins)}");
    }
}
