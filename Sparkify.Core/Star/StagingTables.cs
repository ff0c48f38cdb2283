namespace Sparkify.Core.Star;

/// <summary>How a JSON value becomes a column's value. The rules are those of Redshift's COPY.</summary>
internal enum StagingType
{
    /// <summary>VARCHAR(n), n in bytes of UTF-8.</summary>
    Text,

    /// <summary>INTEGER, 32 bits.</summary>
    Integer,

    /// <summary>BIGINT, 64 bits.</summary>
    BigInt,

    /// <summary>DOUBLE PRECISION.</summary>
    Double,

    /// <summary>TIMESTAMP, from milliseconds since 1970 in UTC (<c>TIMEFORMAT 'epochmillisecs'</c>).</summary>
    EpochMilliseconds,
}

/// <summary>One column of a staging table.</summary>
/// <param name="Name">The column.</param>
/// <param name="Key">The source's key for it.</param>
/// <param name="Type">Its type.</param>
/// <param name="MaxBytes">For text: n of VARCHAR(n).</param>
internal sealed record StagingColumn(string Name, string Key, StagingType Type, int MaxBytes = 0)
{
    /// <summary>The column's type in PostgreSQL.</summary>
    public string SqlType => Type switch
    {
        // Text is measured in bytes before it is sent, as Redshift does; PostgreSQL's own varchar(n) would count characters.
        StagingType.Text => "text",
        StagingType.Integer => "integer",
        StagingType.BigInt => "bigint",
        StagingType.Double => "double precision",
        StagingType.EpochMilliseconds => "timestamp",
        _ => throw new System.Diagnostics.UnreachableException($"No SQL type for {Type}."),
    };
}

/// <summary>A staging table: the source's fields in order, then <c>file_id integer</c> and <c>line bigint</c>.</summary>
internal sealed record StagingTable(string Name, IReadOnlyList<StagingColumn> Columns)
{
    /// <summary>Where a row came from: columns every staging table ends with.</summary>
    public const string Origin = "file_id, line";

    /// <summary>One event of the activity log per row.</summary>
    public static StagingTable Events { get; } = new("staging_events",
    [
        new("artist", "artist", StagingType.Text, 1024),
        new("auth", "auth", StagingType.Text, 64),
        new("first_name", "firstName", StagingType.Text, 256),
        new("gender", "gender", StagingType.Text, 16),
        new("item_in_session", "itemInSession", StagingType.Integer),
        new("last_name", "lastName", StagingType.Text, 256),
        new("length", "length", StagingType.Double),
        new("level", "level", StagingType.Text, 32),
        new("location", "location", StagingType.Text, 512),
        new("method", "method", StagingType.Text, 16),
        new("page", "page", StagingType.Text, 64),
        new("registration", "registration", StagingType.Double),
        new("session_id", "sessionId", StagingType.BigInt),
        new("song", "song", StagingType.Text, 1024),
        new("status", "status", StagingType.Integer),
        new("ts", "ts", StagingType.EpochMilliseconds),
        new("user_agent", "userAgent", StagingType.Text, 1024),
        new("user_id", "userId", StagingType.Text, 64),
    ]);

    /// <summary>One song of the catalogue per row.</summary>
    public static StagingTable Songs { get; } = new("staging_songs",
    [
        new("num_songs", "num_songs", StagingType.Integer),
        new("artist_id", "artist_id", StagingType.Text, 64),
        new("artist_latitude", "artist_latitude", StagingType.Double),
        new("artist_longitude", "artist_longitude", StagingType.Double),
        new("artist_location", "artist_location", StagingType.Text, 1024),
        new("artist_name", "artist_name", StagingType.Text, 1024),
        new("song_id", "song_id", StagingType.Text, 64),
        new("title", "title", StagingType.Text, 1024),
        new("duration", "duration", StagingType.Double),
        new("year", "year", StagingType.Integer),
    ]);
}
