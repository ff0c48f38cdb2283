namespace Sparkify.Core.Star;

/// <summary>The type of a column. How a JSON value becomes one in a staging table follows the rules of Redshift's COPY.</summary>
internal enum ColumnType
{
    /// <summary>Text of at most so many bytes of UTF-8.</summary>
    Text,

    /// <summary>A whole number of 32 bits.</summary>
    Integer,

    /// <summary>A whole number of 64 bits.</summary>
    BigInt,

    /// <summary>A floating-point number of 64 bits.</summary>
    Double,

    /// <summary>A moment, UTC; in JSON milliseconds since 1970 (<c>TIMEFORMAT 'epochmillisecs'</c>).</summary>
    Timestamp,
}
