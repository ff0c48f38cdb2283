using static Sparkify.Core.Star.ColumnType;

namespace Sparkify.Core.Star;

/// <summary>
/// The star and its staging tables: the one place that says which tables and columns there are. Their DDL on every target, their keys and
/// references, the checks of them, the keys a source is expected to have, which column of a play is which of its event and which of a
/// moment is which part of it, the diagram and every list of tables come from here; what else fills a column stands in the load's
/// <c>Sql/Shared</c>.
/// </summary>
internal static class StarSchema
{
    // Nearly as many rows as plays have moments, so no copies: both are distributed by the moment and sorted by it, which puts each play
    // beside its moment and lets the two be merged without moving or sorting a row. The moment is to the millisecond, so its hash spreads
    // plays evenly (song_id would not: most plays have none), and reports that ask for a span of time skip the blocks outside it.
    private const string Moment = "start_time";

    /// <summary>The fact table.</summary>
    public static StarTable Songplays { get; } = new("songplays", TableRole.Fact, "Plays", "One play of one song by one user.",
        Distribution.BySortKey, Moment,
    [
        Column("songplay_id", BigInt, "64 bits of the MD5 of session, item, time and user: the same in every load.") with { IsKey = true },
        Column(Moment, Timestamp, "When the play began, UTC.") with { From = "ts", References = "time" },
        Column("user_id", 64, "Who played it; none when the event named nobody.") with { From = "user_id", EmptyIsNull = true, References = "users" },
        Column("level", 32, "The user's level at that moment: free or paid.") with { From = "level" },
        Column("song_id", 64, "The song in the catalogue; none when it is unknown.") with { References = "songs" },
        Column("artist_id", 64, "The song's artist in the catalogue; none when the song is unknown.") with { References = "artists" },
        Column("session_id", BigInt, "The listening session.") with { From = "session_id" },
        Column("item_in_session", Integer, "The event's place in its session.") with { From = "item_in_session" },
        Column("location", 512, "Where the user was.") with { From = "location", EmptyIsNull = true },
        Column("user_agent", 1024, "The user's browser and system.") with { From = "user_agent" },
        Column("song_title", 1024, "The title as the event gave it.") with { From = "song" },
        Column("artist_name", 1024, "The artist as the event gave it.") with { From = "artist" },
        Column("duration", ColumnType.Double, "The length as the event gave it, in seconds.") with { From = "length" },
    ]);

    /// <summary>What plays are asked about.</summary>
    public static IReadOnlyList<StarTable> Dimensions { get; } =
    [
        // Small but for time, and joined by every question: a copy on each node makes the joins local. Sorted by their key, they merge
        // and look up cheaply.
        new("users", TableRole.Dimension, "Users", "One user who played something: names and gender as last known, the level of the latest event.",
            Distribution.Everywhere, "user_id",
        [
            Column("user_id", 64, "The user's id as the log gives it.") with { IsKey = true },
            Column("first_name", 256, "First name; the last one known."),
            Column("last_name", 256, "Last name; the last one known."),
            Column("gender", 16, "Gender as the log gives it; the last one known."),
            Column("level", 32, "The level in the latest event: free or paid."),
        ]),
        new("songs", TableRole.Dimension, "Songs", "One song of the catalogue.",
            Distribution.Everywhere, "song_id",
        [
            Column("song_id", 64, "The song's id.") with { IsKey = true },
            Column("title", 1024, "Title."),
            Column("artist_id", 64, "Its artist.") with { References = "artists" },
            Column("year", Integer, "Year of release; none when unknown (0 in the source)."),
            Column("duration", ColumnType.Double, "Length in seconds."),
        ]),
        new("artists", TableRole.Dimension, "Artists", "One artist of the catalogue.",
            Distribution.Everywhere, "artist_id",
        [
            Column("artist_id", 64, "The artist's id.") with { IsKey = true },
            Column("name", 1024, "Name; where the source has several, the most complete record's."),
            Column("location", 1024, "Where the artist is from; none when unknown."),
            Column("latitude", ColumnType.Double, "Latitude in degrees."),
            Column("longitude", ColumnType.Double, "Longitude in degrees."),
        ]),
        new("time", TableRole.Dimension, "Times", "One moment at which something was played.",
            Distribution.BySortKey, Moment,
        [
            Column(Moment, Timestamp, "The moment, UTC.") with { IsKey = true },
            Column("hour", Integer, "Hour, 0 to 23.") with { Part = CalendarPart.Hour },
            Column("day", Integer, "Day of the month, 1 to 31.") with { Part = CalendarPart.Day },
            Column("week", Integer, "ISO week, 1 to 53.") with { Part = CalendarPart.Week },
            Column("month", Integer, "Month, 1 to 12.") with { Part = CalendarPart.Month },
            Column("year", Integer, "Year.") with { Part = CalendarPart.Year },
            Column("weekday", Integer, "Day of the week, 1 for Monday to 7 for Sunday (ISO).") with { Part = CalendarPart.Weekday },
        ]),
    ];

    // Raw rows are written once and read a few times from end to end: spread evenly they load and scan on every slice alike, and a sort
    // key would only cost. (By user they would pile up: logged-out visitors all have the same, empty one.)

    /// <summary>One event of the activity log per row.</summary>
    public static StarTable StagingEvents { get; } = new(
        "staging_events", TableRole.Staging, "Events", "One event of the activity log, as it is in the file.",
        Distribution.Even, null,
    [
        Column("artist", 1024, "Artist of the song played."),
        Column("auth", 64, "Logged In or Logged Out."),
        Column("first_name", 256, "First name (firstName).") with { JsonKey = "firstName" },
        Column("gender", 16, "Gender."),
        Column("item_in_session", Integer, "The event's place in its session (itemInSession).") with { JsonKey = "itemInSession" },
        Column("last_name", 256, "Last name (lastName).") with { JsonKey = "lastName" },
        Column("length", ColumnType.Double, "Length of the song played, in seconds."),
        Column("level", 32, "free or paid."),
        Column("location", 512, "Where the user was."),
        Column("method", 16, "HTTP method."),
        Column("page", 64, "The page; NextSong is a play."),
        Column("registration", ColumnType.Double, "When the user registered, in milliseconds since 1970."),
        Column("session_id", BigInt, "The session (sessionId).") with { JsonKey = "sessionId" },
        Column("song", 1024, "Title of the song played."),
        Column("status", Integer, "HTTP status."),
        Column("ts", Timestamp, "When it happened, UTC."),
        Column("user_agent", 1024, "Browser and system (userAgent).") with { JsonKey = "userAgent" },
        Column("user_id", 64, "The user's id (userId); empty for a logged-out visitor.") with { JsonKey = "userId" },
    ]);

    /// <summary>One song of the catalogue per row.</summary>
    public static StarTable StagingSongs { get; } = new(
        "staging_songs", TableRole.Staging, "Song records", "One record of the song catalogue, as it is in the file.",
        Distribution.Even, null,
    [
        Column("num_songs", Integer, "Songs in the record."),
        Column("artist_id", 64, "The artist's id."),
        Column("artist_latitude", ColumnType.Double, "Latitude in degrees."),
        Column("artist_longitude", ColumnType.Double, "Longitude in degrees."),
        Column("artist_location", 1024, "Where the artist is from."),
        Column("artist_name", 1024, "The artist's name."),
        Column("song_id", 64, "The song's id."),
        Column("title", 1024, "Title."),
        Column("duration", ColumnType.Double, "Length in seconds."),
        Column("year", Integer, "Year of release; 0 when unknown."),
    ]);

    /// <summary>The fact table, then its dimensions.</summary>
    public static IReadOnlyList<StarTable> Star { get; } = [Songplays, .. Dimensions];

    /// <summary>The star, then the staging tables: every table readers see, in reading order.</summary>
    public static IReadOnlyList<StarTable> Tables { get; } = [.. Star, StagingEvents, StagingSongs];

    /// <summary>
    /// What a staging table on a server of ours has besides: where a row came from. There is no such thing on a cluster, since COPY does
    /// not tell.
    /// </summary>
    public static IReadOnlyList<StarColumn> Origin { get; } =
    [
        Column("file_id", Integer, "The file it is from.") with { References = "source_files" },
        Column("line", BigInt, "The line it begins on."),
    ];

    /// <summary>The page of an event that is a play.</summary>
    public const string PlayPage = "NextSong";

    /// <summary>The table of moments.</summary>
    public static StarTable Time { get; } = Table("time");

    /// <summary>A table by its name.</summary>
    public static StarTable Table(string name) => Tables.Single(t => t.Name == name);

    private static StarColumn Column(string name, ColumnType type, string meaning) => new(name, type, meaning);

    private static StarColumn Column(string name, int maxBytes, string meaning) => new(name, Text, meaning) { MaxBytes = maxBytes };
}
