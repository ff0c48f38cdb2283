namespace Sparkify.Core.Star;

/// <summary>
/// How what is added to a star is counted: the figures of <see cref="StarPasses"/>, of the rows that are new or change, at a cost that
/// depends on them and not on the star. What counts rows counts how many there are more. Only for PostgreSQL.
/// </summary>
internal static class DeltaPasses
{
    private const string Users = "users", Songs = "songs", Artists = "artists";

    /// <summary>The table of a build for the keys of a table's rows that are gone.</summary>
    public static string Gone(string table) => $"gone_{table}";

    /// <summary>The queries.</summary>
    /// <param name="build">Where the rows are.</param>
    /// <param name="published">Where the star is.</param>
    /// <param name="now">The present moment, in UTC.</param>
    public static IEnumerable<string> All(string build, string published, DateTime now) =>
    [
        .. StarSchema.Star.Select(table => StarPasses.Unique(build, table, enforced: true)),
        .. StarSchema.Star.Select(table => More(build, published, table)),
        .. StarSchema.Star.SelectMany(static t => t.References.Select(c => (Table: t, Column: c)))
            .Select(r => Unknown(build, published, r.Table, r.Column)),
        // Not those that only find another song.
        $"select {string.Join(", ", StarPasses.Plays(now))} from {build}.songplays f " +
        $"where not exists (select from {published}.songplays p where p.songplay_id = f.songplay_id)",
        $"""
        select (select count(song_id) from {build}.songplays)
             - (select count(song_id) from {published}.songplays
                where  songplay_id in (select songplay_id from {build}.songplays union all select songplay_id from {build}.gone_songplays))
               as matched
        """,
        $"select ({DaysAdded(build, published)}) - ({DaysGone(build, published)}) as days",
        .. StarPasses.Staged(build),
        // Those of events that are not there any more are none of what was read now.
        $"""
        select (select max(repeated_plays) from {build}.load) - (select max(repeated_plays) from {published}.load)
             + (select count(*) from {published}.staging_events
                where  page = 'NextSong' and file_id in (select file_id from {build}.gone_files)) as repeated_plays
        """,
    ];

    /// <summary>
    /// Views of the session by the names of the tables: the names and records of the star as it will be, and the plays and events that are
    /// added. What compares spellings reads these.
    /// </summary>
    public static string Views(string build, string published) => string.Join(";\n",
    [
        .. new[] { Users, Songs, Artists }.Select(StarSchema.Table).Select(table => View(table,
            $"{Columns(table)} from {build}.{table.Name} union all select {Columns(table)} from {published}.{table.Name} p " +
            $"where not exists (select from {build}.{table.Name} n where n.{table.Key.Name} = p.{table.Key.Name}) " +
            $"and not exists (select from {build}.{Gone(table.Name)} g where g.{table.Key.Name} = p.{table.Key.Name})")),
        View(StarSchema.StagingSongs,
            $"{Columns(StarSchema.StagingSongs)} from {build}.staging_songs union all select {Columns(StarSchema.StagingSongs)} " +
            $"from {published}.staging_songs where file_id not in (select file_id from {build}.gone_files)"),
        .. new[] { StarSchema.Songplays, StarSchema.StagingEvents }.Select(table => View(table, $"* from {build}.{table.Name}")),
    ]);

    /// <summary>Where those views are.</summary>
    public const string ViewSchema = "pg_temp";

    private static string View(StarTable table, string select) => $"create temporary view {table.Name} as select {select}";

    private static string Columns(StarTable table) => string.Join(", ", table.Columns.Select(static c => c.Name));

    private static string More(string build, string published, StarTable table)
    {
        var key = table.Key.Name;
        return $"""
            select (select count(*) from {build}.{table.Name} n
                    where  not exists (select from {published}.{table.Name} p where p.{key} = n.{key}))
                 - (select count(*) from {build}.{Gone(table.Name)}) as {StarPasses.Rows(table)}
            """;
    }

    // Of the rows that come, what they point to; and of those that stay, what goes: looked for only when something does.
    private static string Unknown(string build, string published, StarTable table, StarColumn column)
    {
        var (to, key, own) = (StarSchema.Table(column.References!), StarSchema.Table(column.References!).Key.Name, table.Key.Name);
        return $"""
            select (select count(*) from {build}.{table.Name} f
                    where  f.{column.Name} is not null
                      and  not exists (select from {build}.{to.Name} n where n.{key} = f.{column.Name})
                      and  not exists (select from {published}.{to.Name} p where p.{key} = f.{column.Name}
                                       and p.{key} not in (select {key} from {build}.{Gone(to.Name)})))
                 + case when exists (select from {build}.{Gone(to.Name)}) then (
                        select count(*) from {published}.{table.Name} f join {build}.{Gone(to.Name)} g on g.{key} = f.{column.Name}
                        where  not exists (select from {build}.{table.Name} n where n.{own} = f.{own})
                          and  not exists (select from {build}.{Gone(table.Name)} n where n.{own} = f.{own}))
                   else 0 end as {StarPasses.Unknown(table, column)}
            """;
    }

    private static string DaysAdded(string build, string published) =>
        $"""
        select count(*) from (select distinct date_trunc('day', start_time) as day from {build}.time) n
        where  not exists (select from {published}.time p where p.start_time >= n.day and p.start_time < n.day + interval '1 day')
        """;

    private static string DaysGone(string build, string published) =>
        $"""
        select count(*) from (select distinct date_trunc('day', start_time) as day from {build}.gone_time) g
        where  not exists (select from {build}.time n where n.start_time >= g.day and n.start_time < g.day + interval '1 day')
          and  not exists (select from {published}.time p where p.start_time >= g.day and p.start_time < g.day + interval '1 day'
                           and p.start_time not in (select start_time from {build}.gone_time))
        """;
}
