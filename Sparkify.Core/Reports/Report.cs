using Sparkify.Core.Common;

namespace Sparkify.Core.Reports;

/// <summary>
/// One canned report: a class in <c>Canned</c> with its SQL beside it, <c>NAME.sql</c>, in what PostgreSQL and Redshift have in common, and
/// <c>NAME.rows.sql</c> where the rows behind a mark are not just plays (then it is <c>plays.sql</c> for all). That is all: it is found.
/// </summary>
/// <param name="info">What it is.</param>
/// <param name="drill">For each column that names a mark: the expression over a row <c>r</c> behind it that must have its value.</param>
internal abstract class Report(ReportInfo info, params (string Column, string Expression)[] drill)
{
    public ReportInfo Info { get; } = info with { DrillKeys = [.. drill.Select(d => d.Column)] };

    public IReadOnlyList<(string Column, string Expression)> Drill { get; } = drill;

    /// <summary>The columns of the rows behind a mark.</summary>
    public virtual IReadOnlyList<ReportColumn> RowColumns => PlayColumns.All;

    /// <summary>The order of the rows behind a mark.</summary>
    public virtual string RowOrder => "r.start_time desc, r.session_id, r.item_in_session";

    /// <summary>Its query.</summary>
    public virtual string Sql => Complete(Periods.In(SqlText.Load($"Reports.Canned.{GetType().Name}.sql").TrimEnd()));

    /// <summary>The query for the rows behind its marks.</summary>
    public string RowsSql
    {
        get
        {
            var own = $"Reports.Canned.{GetType().Name}.rows.sql";
            return Complete(SqlText.Load(SqlText.Exists(own) ? own : "Reports.Canned.plays.sql").TrimEnd());
        }
    }

    /// <summary>Puts in what several of its SQL files share.</summary>
    protected virtual string Complete(string sql) => sql;
}

/// <summary>The columns of <c>plays.sql</c>.</summary>
internal static class PlayColumns
{
    public static IReadOnlyList<ReportColumn> All { get; } =
    [
        new("start_time", "Time (UTC)", ColumnFormat.Moment), new("user_id", "User", ColumnFormat.Text), new(
            "first_name", "First name", ColumnFormat.Text),
        new("last_name", "Last name", ColumnFormat.Text), new("level", "Level", ColumnFormat.Text), new(
            "song_title", "Song", ColumnFormat.Text),
        new("artist_name", "Artist", ColumnFormat.Text), new("duration", "Length", ColumnFormat.Seconds), new(
            "song_id", "In the catalogue", ColumnFormat.Text),
        new("session_id", "Session", ColumnFormat.Ordinal), new(
            "item_in_session", "Item", ColumnFormat.Ordinal), new("location", "Location", ColumnFormat.Text),
        new("user_agent", "User agent", ColumnFormat.Text),
    ];
}

/// <summary>Parameters that many reports take.</summary>
internal static class Shared
{
    public static ReportParameter From { get; } = new(
        "from", "From", ReportParameterKind.Date, "Only what happened on this day (UTC) or later.");

    public static ReportParameter To { get; } = new(
        "to", "To", ReportParameterKind.Date, "Only what happened on this day (UTC) or earlier.");

    public static ReportParameter Level { get; } = new(
        "level", "Level", ReportParameterKind.Choice, "Only plays on this level, as it was at that moment.", Choices: ["free", "paid"]);

    public static ReportParameter Top { get; } = new(
        "top", "Top", ReportParameterKind.Number, "How many rows, the largest first.", "20", 1, 1000);

    public static ReportParameter Per { get; } = new(
        "per", "Per", ReportParameterKind.Choice, "What one point of time is. Weeks are ISO: they begin on Monday.", "day",
        Choices: Periods.All);

    public static ReportColumn Plays { get; } = new("plays", "Plays", ColumnFormat.Count);

    public static ReportColumn Period { get; } = new("period", "From day (UTC)", ColumnFormat.Day);

    /// <summary>The period a moment of <c>r</c> belongs to.</summary>
    public static string PeriodOfRow { get; } = Periods.Of("r.start_time");
}
