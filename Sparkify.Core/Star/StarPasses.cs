using System.Globalization;

namespace Sparkify.Core.Star;

/// <summary>
/// How a star is counted: one pass over each table for all that is asked of it, whatever check asks. Every query gives one row, and every
/// column of it is a figure by its name. Written in what PostgreSQL and Redshift have in common.
/// </summary>
internal static class StarPasses
{
    /// <summary>What an event must say to be one.</summary>
    public static IReadOnlyList<string> EventFields { get; } = ["page", "ts", "session_id"];

    /// <summary>What the event of a play must say besides.</summary>
    public static IReadOnlyList<string> PlayFields { get; } = ["user_id", "song", "artist", "length", "level"];

    /// <summary>What a song record must say.</summary>
    public static IReadOnlyList<string> SongFields { get; } = ["song_id", "title", "artist_id", "artist_name", "duration"];

    /// <summary>The queries for a schema.</summary>
    /// <param name="schema">Where the star is.</param>
    /// <param name="now">The present moment, in UTC.</param>
    /// <param name="keysAreEnforced">Whether the server enforces primary keys: where there is one, there is nothing to count.</param>
    public static IEnumerable<string> All(string schema, DateTime now, bool keysAreEnforced) =>
    [
        .. StarSchema.Star.Select(table => Unique(schema, table, keysAreEnforced)),
        // Of the other dimensions nothing is asked.
        InStar(schema, StarSchema.Table("users")),
        InStar(schema, StarSchema.Table("songs")),
        InStar(schema, StarSchema.Songplays, ["count(f.song_id) as matched", .. Plays(now)]),
        Days(schema),
        .. Staged(schema),
        $"select max(repeated_plays) as repeated_plays from {schema}.load",
    ];

    /// <summary>The queries of what was staged in a schema.</summary>
    public static IEnumerable<string> Staged(string schema) =>
    [
        Staged(
            schema, StarSchema.StagingEvents, "events", EventFields,
            [
                "count(case when page = 'NextSong' then 1 end) as plays",
                .. PlayFields.Select(static c => Present(
                    StarSchema.StagingEvents, "plays", c, "case when page = 'NextSong' then {0} end")),
                $"count(case when {SpellingChecks.OddPage} then 1 end) as odd_pages",
            ]),
        Staged(schema, StarSchema.StagingSongs, "songs", SongFields, []),
        $"select max(case when part = 'events' then read - rejected end) as good_events, " +
        $"max(case when part = 'songs' then read - rejected end) as good_songs from {schema}.load_counts",
    ];

    /// <summary>A query for one number, <c>days</c>: how many days (in UTC) a star has plays on.</summary>
    public static string Days(string schema) =>
        $"select count(*) as days from (select 1 from {schema}.time group by date_trunc('day', start_time)) each_day";

    /// <summary>
    /// A query for one moment, <c>newest</c>: when the newest event that became a play was. One that lies in the future says nothing of
    /// how fresh a star is.
    /// </summary>
    public static string Newest(string schema) => $"select max(start_time) as newest from {schema}.time where start_time < current_date + 2";

    /// <summary>The name of the number of rows of a table.</summary>
    public static string Rows(StarTable table) => $"{table.Name}_rows";

    /// <summary>The name of how many keys of a table are not one row's own.</summary>
    public static string Repeated(StarTable table) => $"{table.Name}_repeated";

    /// <summary>The name of how many values of a column are not in the table it points to.</summary>
    public static string Unknown(StarTable table, StarColumn column) => $"{table.Name}_{column.Name}_unknown";

    /// <summary>The name of how many of some records have something in a column.</summary>
    public static string With(string records, string column) => $"{records}_with_{column}";

    /// <summary>The figures of plays <c>f</c>.</summary>
    public static IEnumerable<string> Plays(DateTime now)
    {
        const string Early = "f.start_time < timestamp '2000-01-01 00:00:00'";
        var tomorrow = now.AddDays(1).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return
        [
            $"count(f.start_time) as timed, min(f.start_time) as first_time, max(f.start_time) as last_time",
            $"count(case when {Early} then 1 end) as early, max(case when {Early} then f.start_time end) as last_early_time",
            $"count(case when f.start_time > timestamp '{tomorrow}' then 1 end) as late",
            $"count(case when {SpellingChecks.OddLevel} then 1 end) as odd_levels",
        ];
    }

    /// <summary>A query for how many keys of a table are not one row's own.</summary>
    public static string Unique(string schema, StarTable table, bool enforced)
    {
        var (name, key) = (table.Name, table.Key.Name);
        var count = $"select count(*) from (select {key} from {schema}.{name} group by {key} having count(*) > 1 or {key} is null) repeated";
        return !enforced ? $"select ({count}) as {Repeated(table)}" : $"""
            select case when exists (
                       select 1 from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
                       where  c.conrelid = '{schema}.{name}'::regclass and c.contype = 'p' and c.convalidated and a.attname = '{key}')
                   then 0
                   else ({count}) end as {Repeated(table)}
            """;
    }

    // With all references of the table.
    private static string InStar(string schema, StarTable table, params IReadOnlyList<string> more)
    {
        var references = table.References.Select(
            static c => (Column: c, To: c.References!, Key: StarSchema.Table(c.References!).Key.Name)).ToList();
        var unknown = references.Select(r =>
            $"count(case when f.{r.Column.Name} is not null and {r.To}.{r.Key} is null then 1 end) as {Unknown(table, r.Column)}");
        var joins = references.Select(r => $"left join {schema}.{r.To} on {r.To}.{r.Key} = f.{r.Column.Name}");
        return $"select {string.Join(", ", [$"count(*) as {Rows(table)}", .. unknown, .. more])} " +
            $"from {schema}.{table.Name} f {string.Join(' ', joins)}";
    }

    private static string Staged(string schema, StarTable table, string records, IEnumerable<string> fields, IReadOnlyList<string> more) =>
        $"select {string.Join(", ", [$"count(*) as {Rows(table)}", .. fields.Select(c => Present(table, records, c, "{0}")), .. more])} " +
        $"from {schema}.{table.Name}";

    private static string Present(StarTable table, string records, string column, string where)
    {
        var text = table.Columns.Single(c => c.Name == column).Type == ColumnType.Text;
        return $"count({string.Format(CultureInfo.InvariantCulture, where, text ? $"nullif({column}, '')" : column)}) as {With(records, column)}";
    }
}
