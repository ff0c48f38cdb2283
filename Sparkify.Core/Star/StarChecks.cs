using Npgsql;

namespace Sparkify.Core.Star;

/// <summary>A named test of a freshly built star.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What it asks, in a sentence.</param>
internal sealed record StarCheck(string Name, string Question);

/// <summary>A query that answers one or several checks in one pass: for each, in order, a column that counts what should not be.</summary>
/// <param name="Checks">The checks it answers.</param>
/// <param name="Sql">The query; <c>{0}</c> stands for the schema.</param>
internal sealed record StarQuery(IReadOnlyList<StarCheck> Checks, string Sql)
{
    /// <summary>
    /// How many rows offend each check, where 0 passes; none when the query gave no row, which no sound star makes it do.
    /// </summary>
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
    private static readonly IReadOnlyList<StarQuery> Others =
    [
        .. StarSchema.Star.Where(static t => t.References.Any()).Select(Known),
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
    public static IReadOnlyList<StarQuery> WhereKeysAreEnforced { get; } = [.. StarSchema.Star.Select(
        static t => Unique(t, enforced: true)), .. Others];

    /// <summary>For a server that only notes primary keys.</summary>
    public static IReadOnlyList<StarQuery> WhereKeysAreNotEnforced { get; } = [.. StarSchema.Star.Select(
        static t => Unique(t, enforced: false)), .. Others];

    private static StarQuery One(string name, string question, string sql) => new([new StarCheck(name, question)], sql);

    private static StarQuery Unique(StarTable table, bool enforced)
    {
        var (name, key) = (table.Name, table.Key.Name);
        var count = $"select count(*) from (select {key} from {{0}}.{name} group by {key} having count(*) > 1 or {key} is null) repeated";
        return One($"{name}_key_unique", $"Does every row of {name} have its own {key}?", !enforced ? count : $$"""
            select case when exists (
                       select 1 from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
                       where  c.conrelid = '{0}.{{name}}'::regclass and c.contype = 'p' and c.convalidated and a.attname = '{{key}}')
                   then 0
                   else ({{count}}) end
            """);
    }

    // All references of a table in one pass over it.
    private static StarQuery Known(StarTable table)
    {
        var references = table.References.Select(
            static c => (Column: c.Name, To: c.References!, Key: StarSchema.Table(c.References!).Key.Name)).ToList();
        var counts = references.Select(static r => $"count(case when f.{r.Column} is not null and {r.To}.{r.Key} is null then 1 end)");
        var joins = references.Select(static r => $"left join {{0}}.{r.To} on {r.To}.{r.Key} = f.{r.Column}");
        return new StarQuery(
            [.. references.Select(r => new StarCheck($"{table.Name}_{r.Column}_known", $"Is every {r.Column} of {table.Name} in {r.To}?"))],
            $"select {string.Join(", ", counts)} from {{0}}.{table.Name} f {string.Join(' ', joins)}");
    }
}
