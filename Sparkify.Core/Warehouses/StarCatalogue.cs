namespace Sparkify.Core.Warehouses;

/// <summary>What the tables of every warehouse are and mean. The SQL that builds them is the load's; a test holds the two together.</summary>
internal static class StarCatalogue
{
    public static IReadOnlyList<TableInfo> Tables { get; } =
    [
        new("songplays", TableRole.Fact, "One play of one song by one user.", null, null,
        [
            new("songplay_id", "bigint", "64 bits of the MD5 of session, item in session, time and user: the same for the same play in every load.", Key: true),
            new("start_time", "timestamp", "When the play began, UTC.", References: "time"),
            new("user_id", "text", "Who played it; none when the event named nobody.", References: "users"),
            new("level", "text", "The user's level at that moment: free or paid."),
            new("song_id", "text", "The song in the catalogue; none when the catalogue does not know it.", References: "songs"),
            new("artist_id", "text", "The song's artist in the catalogue; none when the catalogue does not know it.", References: "artists"),
            new("session_id", "bigint", "The listening session."),
            new("item_in_session", "integer", "The event's place in its session."),
            new("location", "text", "Where the user was."),
            new("user_agent", "text", "The user's browser and system."),
            new("song_title", "text", "The title as the event gave it."),
            new("artist_name", "text", "The artist as the event gave it."),
            new("duration", "double precision", "The length as the event gave it, in seconds."),
        ]),
        new("users", TableRole.Dimension, "One user who played something, as of the latest event.", null, null,
        [
            new("user_id", "text", "The user's id as the log gives it.", Key: true),
            new("first_name", "text", "First name."),
            new("last_name", "text", "Last name."),
            new("gender", "text", "Gender as the log gives it."),
            new("level", "text", "The level in the latest event: free or paid."),
        ]),
        new("songs", TableRole.Dimension, "One song of the catalogue.", null, null,
        [
            new("song_id", "text", "The song's id.", Key: true),
            new("title", "text", "Title."),
            new("artist_id", "text", "Its artist.", References: "artists"),
            new("year", "integer", "Year of release; none when unknown (0 in the source)."),
            new("duration", "double precision", "Length in seconds."),
        ]),
        new("artists", TableRole.Dimension, "One artist of the catalogue.", null, null,
        [
            new("artist_id", "text", "The artist's id.", Key: true),
            new("name", "text", "Name; where the source has several, the most complete record's."),
            new("location", "text", "Where the artist is from; none when unknown."),
            new("latitude", "double precision", "Latitude in degrees."),
            new("longitude", "double precision", "Longitude in degrees."),
        ]),
        new("time", TableRole.Dimension, "One moment at which something was played.", null, null,
        [
            new("start_time", "timestamp", "The moment, UTC.", Key: true),
            new("hour", "integer", "Hour, 0 to 23."),
            new("day", "integer", "Day of the month, 1 to 31."),
            new("week", "integer", "ISO week, 1 to 53."),
            new("month", "integer", "Month, 1 to 12."),
            new("year", "integer", "Year."),
            new("weekday", "integer", "Day of the week, 1 for Monday to 7 for Sunday (ISO)."),
        ]),
        new("staging_events", TableRole.Staging, "One event of the activity log, as it is in the file.", null, null,
        [
            new("artist", "text", "Artist of the song played."),
            new("auth", "text", "Logged In or Logged Out."),
            new("first_name", "text", "First name (firstName)."),
            new("gender", "text", "Gender."),
            new("item_in_session", "integer", "The event's place in its session (itemInSession)."),
            new("last_name", "text", "Last name (lastName)."),
            new("length", "double precision", "Length of the song played, in seconds."),
            new("level", "text", "free or paid."),
            new("location", "text", "Where the user was."),
            new("method", "text", "HTTP method."),
            new("page", "text", "The page; NextSong is a play."),
            new("registration", "double precision", "When the user registered, in milliseconds since 1970."),
            new("session_id", "bigint", "The session (sessionId)."),
            new("song", "text", "Title of the song played."),
            new("status", "integer", "HTTP status."),
            new("ts", "timestamp", "When it happened, UTC."),
            new("user_agent", "text", "Browser and system (userAgent)."),
            new("user_id", "text", "The user's id (userId); empty for a logged-out visitor."),
            new("file_id", "integer", "The file it is from.", References: "source_files"),
            new("line", "bigint", "The line it begins on."),
        ]),
        new("staging_songs", TableRole.Staging, "One record of the song catalogue, as it is in the file.", null, null,
        [
            new("num_songs", "integer", "Songs in the record."),
            new("artist_id", "text", "The artist's id."),
            new("artist_latitude", "double precision", "Latitude in degrees."),
            new("artist_longitude", "double precision", "Longitude in degrees."),
            new("artist_location", "text", "Where the artist is from."),
            new("artist_name", "text", "The artist's name."),
            new("song_id", "text", "The song's id."),
            new("title", "text", "Title."),
            new("duration", "double precision", "Length in seconds."),
            new("year", "integer", "Year of release; 0 when unknown."),
            new("file_id", "integer", "The file it is from.", References: "source_files"),
            new("line", "bigint", "The line it begins on."),
        ]),
    ];

    /// <summary>The tables as a target has them: COPY does not tell where in which file a row was, and on Redshift each has its layout.</summary>
    public static IReadOnlyList<TableInfo> For(WarehouseTarget target) => target == WarehouseTarget.Redshift ? OnRedshift : Tables;

    // The SQL that creates the tables says why.
    private static Dictionary<string, TableLayout> RedshiftLayouts { get; } = new Dictionary<string, TableLayout>(StringComparer.Ordinal)
    {
        ["songplays"] = new("start_time", "start_time"),
        ["users"] = new("all", "user_id"),
        ["songs"] = new("all", "song_id"),
        ["artists"] = new("all", "artist_id"),
        ["time"] = new("start_time", "start_time"),
        ["staging_events"] = new("even"),
        ["staging_songs"] = new("even"),
    };

    private static IReadOnlyList<TableInfo> OnRedshift { get; } =
    [
        .. Tables.Select(t => t with { Columns = [.. t.Columns.Where(c => c.Name is not ("file_id" or "line"))], Layout = RedshiftLayouts[t.Table] }),
    ];
}
