namespace Sparkify.Core.Reports;

/// <summary>The shelf a report stands on.</summary>
public enum ReportGroup
{
    /// <summary>What is played, and when.</summary>
    Listening,

    /// <summary>Who plays it.</summary>
    People,

    /// <summary>Where, and on what.</summary>
    Places,

    /// <summary>How plays and the song catalogue fit together.</summary>
    Catalogue,

    /// <summary>Did it arrive: the counts one checks after a load.</summary>
    Arrival,
}

/// <summary>What kind of value a parameter takes.</summary>
public enum ReportParameterKind
{
    /// <summary>A day, <c>yyyy-MM-dd</c>, UTC.</summary>
    Date,

    /// <summary>A whole number within <see cref="ReportParameter.Least"/> and <see cref="ReportParameter.Most"/>.</summary>
    Number,

    /// <summary>One of <see cref="ReportParameter.Choices"/>.</summary>
    Choice,
}

/// <summary>
/// One typed parameter of a report. Values travel as text (they live in URLs); a value that is left out or empty means the default.
/// </summary>
/// <param name="Name">Its name in URLs and in the SQL.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Meaning">What it does, in a sentence.</param>
/// <param name="Default">The value when none is given; none: no limit.</param>
/// <param name="Least">For numbers: the least.</param>
/// <param name="Most">For numbers: the most.</param>
/// <param name="Choices">For choices: the words there are.</param>
public sealed record ReportParameter(
    string Name, string Label, ReportParameterKind Kind, string Meaning, string? Default = null, int? Least = null, int? Most = null,
    IReadOnlyList<string>? Choices = null);

/// <summary>How a column's values are to be read.</summary>
public enum ColumnFormat
{
    /// <summary>Text (<see cref="string"/>).</summary>
    Text,

    /// <summary>A whole number of things (<see cref="long"/>).</summary>
    Count,

    /// <summary>A whole number that is a name rather than a number: a year, an hour (<see cref="long"/>; no thousands separator).</summary>
    Ordinal,

    /// <summary>A number with a fraction (<see cref="double"/>).</summary>
    Number,

    /// <summary>A share from 0 to 1 (<see cref="double"/>).</summary>
    Share,

    /// <summary>A length of time in seconds (<see cref="double"/>).</summary>
    Seconds,

    /// <summary>A day, UTC (<see cref="DateTime"/> at midnight).</summary>
    Day,

    /// <summary>A moment, UTC (<see cref="DateTime"/>).</summary>
    Moment,

    /// <summary>ISO weekday, 1 for Monday to 7 for Sunday (<see cref="long"/>).</summary>
    Weekday,
}

/// <summary>One column of a report's table. Values are none where the data say nothing.</summary>
/// <param name="Name">Its name in the SQL, in CSV and JSON.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Format">How its values are to be read.</param>
public sealed record ReportColumn(string Name, string Title, ColumnFormat Format);

/// <summary>Which chart fits.</summary>
public enum ChartKind
{
    /// <summary>No chart: the table says it best.</summary>
    Table,

    /// <summary>Horizontal bars, one per row, longest first: for names.</summary>
    Bars,

    /// <summary>Upright columns in the order of the rows: for ordered classes such as years or lengths.</summary>
    Columns,

    /// <summary>Lines over time, one per series. Days (or weeks) without a row had nothing.</summary>
    Lines,

    /// <summary>Columns over time, the series stacked.</summary>
    StackedColumns,

    /// <summary>A grid: axis across, second axis down, the only series as colour. Cells without a row had nothing.</summary>
    HeatMap,

    /// <summary>Parts of a whole.</summary>
    Donut,
}

/// <summary>A report's chart, by the names of columns.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Axis">What the marks are labelled with.</param>
/// <param name="Series">What is drawn: one or several number columns.</param>
/// <param name="Down">For heat maps: the second axis.</param>
public sealed record ReportChart(ChartKind Kind, string Axis, IReadOnlyList<string> Series, string? Down = null);

/// <summary>A canned report: one named question.</summary>
/// <param name="Id">Its name in URLs.</param>
/// <param name="Group">Its shelf.</param>
/// <param name="Title">Its title.</param>
/// <param name="Question">What it answers, in a sentence.</param>
/// <param name="Excludes">What it leaves out, in a sentence.</param>
/// <param name="Parameters">What can be set.</param>
/// <param name="Columns">The table's columns, in order.</param>
/// <param name="Chart">The chart.</param>
/// <param name="DrillKeys">The columns whose values name a row's (a mark's) underlying rows; empty: there is nothing to drill to.</param>
public sealed record ReportInfo(
    string Id, ReportGroup Group, string Title, string Question, string Excludes, IReadOnlyList<ReportParameter> Parameters,
    IReadOnlyList<ReportColumn> Columns, ReportChart Chart, IReadOnlyList<string> DrillKeys)
{
    /// <summary>Whether it can be asked about some days only.</summary>
    public bool TakesDays => Parameters.Any(static p => p.Name == "from") && Parameters.Any(static p => p.Name == "to");
}
