using System.Diagnostics;
using DuckDB.NET.Data;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>
/// The same files into the same star by DuckDB, in this process, as somebody would who knows it: given columns, one CREATE TABLE AS for
/// each table, unique indexes for the keys, a checkpoint at the end. It has no rejects, no checks and no readers to care for.
/// </summary>
internal sealed class DuckDbLoad(BenchArguments arguments, LoadInput input)
{
    private readonly string _file = Path.Combine(arguments.Directory, "duckdb", "star.duckdb");

    /// <summary>Loads into a new database; gives the seconds of its steps.</summary>
    public async Task<LoadTimes> RunAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        File.Delete(_file);
        File.Delete($"{_file}.wal");
        var began = Stopwatch.GetTimestamp();
        await using var db = new DuckDBConnection($"Data Source={_file};threads={Environment.ProcessorCount}");
        await db.OpenAsync(ct);
        Dictionary<string, double> steps = new(StringComparer.Ordinal);
        foreach (var (name, sql) in Statements(input.Folders))
        {
            var step = Stopwatch.GetTimestamp();
            await using var command = db.CreateCommand();
            command.CommandText = sql;
            await command.ExecuteNonQueryAsync(ct);
            steps[name] = Stopwatch.GetElapsedTime(step).TotalSeconds;
        }

        return new LoadTimes(Stopwatch.GetElapsedTime(began).TotalSeconds, steps);
    }

    /// <summary>The star it made, to compare.</summary>
    public async Task<IReadOnlyDictionary<string, TableSum>> SumsAsync(CancellationToken ct)
    {
        await using var db = new DuckDBConnection($"Data Source={_file}");
        await db.OpenAsync(ct);
        return await TableSum.OfStarAsync(db, schema: "main", ct);
    }

    private static IEnumerable<(string Name, string Sql)> Statements(LocationSource folders)
    {
        yield return ("stage-events", $$"""
            create table staging_events as
            select {{string.Join(", ", StarSchema.StagingEvents.Columns.Select(static c => c.Type == ColumnType.Timestamp
                ? $"epoch_ms({c.JsonKey}) as {c.Name}" : $"{c.JsonKey} as {c.Name}"))}}
            from   read_json('{{folders.Events}}/**/*.json', format = 'newline_delimited', columns = {{Columns(StarSchema.StagingEvents)}})
            """);
        yield return ("stage-songs", $$"""
            create table staging_songs as
            from   read_json('{{folders.Songs}}/**/*.json', format = 'newline_delimited', columns = {{Columns(StarSchema.StagingSongs)}})
            """);
        yield return ("users", """
            create table users as
            select user_id, arg_max(first_name, (ts, session_id, item_in_session)) filter (first_name <> '') as first_name,
                   arg_max(last_name, (ts, session_id, item_in_session)) filter (last_name <> '') as last_name,
                   arg_max(gender, (ts, session_id, item_in_session)) filter (gender <> '') as gender,
                   arg_max(level, (ts, session_id, item_in_session)) as level
            from   staging_events
            where  user_id <> ''
            group  by user_id
            having bool_or(page = 'NextSong')
            """);
        yield return ("songs", """
            create table songs as
            select song_id, nullif(title, '') as title, nullif(artist_id, '') as artist_id, nullif(year, 0) as year, duration
            from   staging_songs
            where  song_id <> ''
            qualify row_number() over (
                partition by song_id
                order by (title is not null)::int + (artist_id is not null)::int + (year is not null)::int + (duration is not null)::int desc,
                         title, artist_id, year, duration) = 1
            """);
        yield return ("artists", """
            create table artists as
            select artist_id, nullif(artist_name, '') as name, nullif(artist_location, '') as location,
                   artist_latitude as latitude, artist_longitude as longitude
            from   staging_songs
            where  artist_id <> ''
            qualify row_number() over (
                partition by artist_id
                order by (name is not null)::int + (location is not null)::int + (latitude is not null)::int + (longitude is not null)::int desc,
                         name, location, latitude, longitude) = 1
            """);
        yield return ("time", """
            create table time as
            select start_time, hour(start_time)::int as hour, day(start_time)::int as day, week(start_time)::int as week,
                   month(start_time)::int as month, year(start_time)::int as year, isodow(start_time)::int as weekday
            from   (select distinct ts as start_time from staging_events where page = 'NextSong' and ts is not null)
            """);
        yield return ("songplays", """
            create table songplays as
            with plays as (
                select *, cast('0x' || left(md5(concat(session_id, '|', item_in_session, '|', epoch_ms(ts), '|', user_id)), 16) as ubigint) as key
                from   staging_events
                where  page = 'NextSong'),
            catalogue as (
                select title, artist_name, round(duration * 100000) as duration_key,
                       arg_min(song_id, (song_id, artist_id)) as song_id, arg_min(artist_id, (song_id, artist_id)) as artist_id
                from   staging_songs
                where  song_id <> '' and artist_id <> ''
                group  by all)
            select cast(case when key > 9223372036854775807 then key::hugeint - 18446744073709551616 else key end as bigint) as songplay_id,
                   ts as start_time, nullif(user_id, '') as user_id, level, c.song_id, c.artist_id, session_id, item_in_session,
                   nullif(location, '') as location, user_agent, song as song_title, artist as artist_name, length as duration
            from   plays p
                   left join catalogue c on c.title = p.song and c.artist_name = p.artist and c.duration_key = round(p.length * 100000)
            """);
        foreach (var table in StarSchema.Star)
        {
            yield return ($"{table.Name}'s key", $"create unique index {table.Name}_key on {table.Name} ({table.Key.Name})");
        }

        yield return ("checkpoint", "checkpoint");
    }

    private static string Columns(StarTable table)
    {
        var columns = table.Columns.Select(static c => $"{c.JsonKey}: '{Type(c.Type)}'");
        return $"{{{string.Join(", ", columns)}}}";
    }

    private static string Type(ColumnType type) => type switch
    {
        ColumnType.Text => "varchar",
        ColumnType.Integer => "integer",
        ColumnType.Double => "double",
        _ => "bigint",
    };
}
