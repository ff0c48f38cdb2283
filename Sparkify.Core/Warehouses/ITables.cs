using Sparkify.Core.Common.Access;
using Sparkify.Core.Star;

namespace Sparkify.Core.Warehouses;

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in SQL.</param>
/// <param name="Meaning">What it holds.</param>
/// <param name="Key">Whether it is (part of) the primary key.</param>
/// <param name="References">The table it points to, when it does.</param>
public sealed record TableColumn(string Name, string Type, string Meaning, bool Key = false, string? References = null);

/// <summary>A table of the warehouse with its counts as of the last publish.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Label">What its rows are called, as a label.</param>
/// <param name="Meaning">What one row of it is.</param>
/// <param name="Rows">Rows in the published version; none before the first publish.</param>
/// <param name="Bytes">Size on disk with its indexes; none before the first publish.</param>
/// <param name="Columns">Its columns, in order.</param>
/// <param name="Distribution">How its rows are distributed over a cluster, in words; none for a local one.</param>
/// <param name="SortKey">The column a cluster keeps it sorted by; none when it is not, and for a local one.</param>
public sealed record TableInfo(
    string Table, TableRole Role, string Label, string Meaning, long? Rows, long? Bytes, IReadOnlyList<TableColumn> Columns,
    string? Distribution = null, string? SortKey = null);

/// <summary>How many records became what in the published version; the numbers add up.</summary>
/// <param name="EventsRead">Event records read from the source.</param>
/// <param name="EventsStaged">Rows in <c>staging_events</c>.</param>
/// <param name="OtherPages">Staged events that are no plays.</param>
/// <param name="RepeatedPlays">Plays whose key another play has; they count once.</param>
/// <param name="Plays">Rows in <c>songplays</c>.</param>
/// <param name="MatchedPlays">Plays found in the song catalogue.</param>
/// <param name="Days">Days (in UTC) with plays; unknown for a star that was published before they were counted.</param>
public sealed record PlayCounts(
    long EventsRead, long EventsStaged, long OtherPages, long RepeatedPlays, long Plays, long MatchedPlays, long? Days = null)
{
    /// <summary>Plays the song catalogue does not know.</summary>
    public long UnmatchedPlays => Plays - MatchedPlays;
}

/// <summary>The tables of a warehouse, for showing.</summary>
[Guarded]
public interface ITables
{
    /// <summary>The name of the table of facts, which is also the name of the step of a load that builds it.</summary>
    [Needs(Right.See, Subject.Shared)]
    string Facts { get; }

    /// <summary>Staging tables and star, in reading order.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<TableInfo>> ListAsync(string warehouse, CancellationToken ct);

    /// <summary>How many events became plays; none before the first publish.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<PlayCounts?> PlaysAsync(string warehouse, CancellationToken ct);
}
