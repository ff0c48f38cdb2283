namespace Sparkify.Core.Star;

/// <summary>How a cluster spreads a table's rows over its nodes.</summary>
internal enum Distribution
{
    /// <summary>Evenly.</summary>
    Even,

    /// <summary>A copy of the table on each node.</summary>
    Everywhere,

    /// <summary>By the hash of the sort key.</summary>
    BySortKey,
}

/// <summary>A column of the star or of its staging tables.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Meaning">What it holds.</param>
internal sealed record StarColumn(string Name, ColumnType Type, string Meaning)
{
    /// <summary>For text: how many bytes of UTF-8 it takes at most, as Redshift counts.</summary>
    public int MaxBytes { get; init; }

    /// <summary>For a column of a staging table: the source's key for it.</summary>
    public string JsonKey { get; init; } = Name;

    /// <summary>For a column of the fact table that an event alone decides: the column of the staged event it is.</summary>
    public string? From { get; init; }

    /// <summary>For a column of the table of moments: the part of the moment it is.</summary>
    public CalendarPart? Part { get; init; }

    /// <summary>Whether an empty text there is none here.</summary>
    public bool EmptyIsNull { get; init; }

    /// <summary>Whether it is the table's primary key.</summary>
    public bool IsKey { get; init; }

    /// <summary>The table whose key it holds, when it does.</summary>
    public string? References { get; init; }
}

/// <summary>A table of the star, or one of the staging tables it is built from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Label">What its rows are called, as a label.</param>
/// <param name="Meaning">What one row of it is.</param>
/// <param name="Distribution">How a cluster spreads its rows.</param>
/// <param name="SortKey">The column a cluster keeps it sorted by; none when it is not sorted.</param>
/// <param name="Columns">Its columns, in order; of a staging table those that come from the source.</param>
internal sealed record StarTable(
    string Name, TableRole Role, string Label, string Meaning, Distribution Distribution, string? SortKey,
    IReadOnlyList<StarColumn> Columns)
{
    /// <summary>Its primary key; staging tables have none, and asking is a mistake.</summary>
    public StarColumn Key => Columns.Single(static c => c.IsKey);

    /// <summary>The columns that point to another table.</summary>
    public IEnumerable<StarColumn> References => Columns.Where(static c => c.References is not null);
}
