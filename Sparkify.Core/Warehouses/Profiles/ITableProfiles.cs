using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Warehouses.Profiles;

/// <summary>A value with how many rows have it.</summary>
/// <param name="Value">The value as text, cut when it is long.</param>
/// <param name="Rows">How many rows have it.</param>
public sealed record ValueCount(string Value, long Rows);

/// <summary>How many rows lie in one part of a column's range.</summary>
/// <param name="From">Where the part begins.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Rows">How many rows lie in it.</param>
public sealed record HistogramBin(string From, string To, long Rows);

/// <summary>What the values of one column are like.</summary>
/// <param name="Name">The column.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Nulls">How many have no value here.</param>
/// <param name="Distinct">How many different values there are.</param>
/// <param name="Min">The lowest value; none when there is none.</param>
/// <param name="Max">The highest value; none when there is none.</param>
/// <param name="Top">The values most rows have; empty when no two rows share one.</param>
/// <param name="Histogram">How numbers and times spread over their range; empty for texts and for numbers too large to be amounts.</param>
public sealed record ColumnProfile(
    string Name, long Rows, long Nulls, long Distinct, string? Min, string? Max,
    IReadOnlyList<ValueCount> Top, IReadOnlyList<HistogramBin> Histogram);

/// <summary>What the values of a published table are like.</summary>
/// <param name="Table">The table.</param>
/// <param name="Run">The run that published it.</param>
/// <param name="TakenAt">When it was computed.</param>
/// <param name="Columns">Its columns, in order.</param>
public sealed record TableProfile(string Table, long Run, DateTimeOffset TakenAt, IReadOnlyList<ColumnProfile> Columns);

/// <summary>Some rows of a table, as text.</summary>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows; a none for NULL. Long texts are cut.</param>
public sealed record TableSample(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows);

/// <summary>Looks into the published tables of a warehouse, as its reporter.</summary>
[Guarded]
public interface ITableProfiles
{
    /// <summary>A table's profile: computed when it is first asked for after a publish, kept until the next one.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<TableProfile> ProfileAsync(string warehouse, string table, CancellationToken ct);

    /// <summary>A few rows of a table.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<TableSample> SampleAsync(string warehouse, string table, CancellationToken ct);
}
