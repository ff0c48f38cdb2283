using Dapper;
using Npgsql;

namespace Sparkify.Core.Quality;

/// <summary>A named test of a freshly built star: a query that counts what should not be.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Question">What it asks, in a sentence.</param>
/// <param name="Sql">Counts offending rows; <c>{0}</c> stands for the schema.</param>
internal sealed record StarCheck(string Name, string Question, string Sql)
{
    /// <summary>How many rows offend; 0 passes.</summary>
    public async Task<long> AskAsync(NpgsqlConnection db, string schema, CancellationToken ct) => await db.ExecuteScalarAsync<long>(
        new CommandDefinition(string.Format(Sql, schema), commandTimeout: 0, cancellationToken: ct));
}

/// <summary>
/// The checks every load must pass. Plain SQL that Redshift takes too, where declared keys are not enforced and these are all there is.
/// </summary>
internal static class StarChecks
{
    public static IReadOnlyList<StarCheck> All { get; } =
    [
        new("staging_events_complete", "Is every event record that was read either staged or rejected?",
            "select abs(c.read - c.rejected - s.n) from {0}.load_counts c, (select count(*) as n from {0}.staging_events) s where c.part = 'events'"),
        new("staging_songs_complete", "Is every song record that was read either staged or rejected?",
            "select abs(c.read - c.rejected - s.n) from {0}.load_counts c, (select count(*) as n from {0}.staging_songs) s where c.part = 'songs'"),
        new("staging_events_present", "Are there any events at all?",
            "select case when exists (select 1 from {0}.staging_events) then 0 else 1 end"),
        new("songplays_complete", "Does every play in the log have its row in songplays, those that repeat a key counted once?",
            """
            select abs(e.n - l.repeated_plays - p.n)
            from   {0}.load l, (select count(*) as n from {0}.staging_events where page = 'NextSong') e, (select count(*) as n from {0}.songplays) p
            """),
        Unique("songplays", "songplay_id"),
        Unique("users", "user_id"),
        Unique("songs", "song_id"),
        Unique("artists", "artist_id"),
        Unique("time", "start_time"),
        Known("songplays", "user_id", "users", "user_id"),
        Known("songplays", "song_id", "songs", "song_id"),
        Known("songplays", "artist_id", "artists", "artist_id"),
        Known("songplays", "start_time", "time", "start_time"),
        Known("songs", "artist_id", "artists", "artist_id"),
    ];

    private static StarCheck Unique(string table, string key) => new(
        $"{table}_key_unique", $"Does every row of {table} have a {key} of its own?",
        $"select count(*) from (select {key} from {{0}}.{table} group by {key} having count(*) > 1 or {key} is null) repeated");

    private static StarCheck Known(string table, string column, string dimension, string key) => new(
        $"{table}_{column}_known", $"Is every {column} of {table} in {dimension}?",
        $"select count(*) from {{0}}.{table} f left join {{0}}.{dimension} d on d.{key} = f.{column} where f.{column} is not null and d.{key} is null");
}
