using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports;

/// <summary>
/// One canned report. Its folder holds this class and its SQL: <c>report.sql</c>, or <c>postgres.sql</c> and <c>redshift.sql</c> where the
/// two cannot share one, and <c>rows.sql</c> where the rows behind a mark are not just plays (then it is <c>plays.sql</c> for all).
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

    public string Sql(WarehouseTarget target) => Complete(Own("report") ?? Own(target == WarehouseTarget.Local ? "postgres" : "redshift")
        ?? throw new InvalidOperationException($"The report {Info.Id} has no SQL for {target}."));

    public string RowsSql => Complete(Own("rows") ?? SqlText.Load("Reports.plays.sql"));

    /// <summary>Puts in what several of its SQL files share.</summary>
    protected virtual string Complete(string sql) => sql;

    private string? Own(string file)
    {
        var folder = $"Reports.{GetType().Name}";
        var name = $"{folder}.{file}.sql";
        return SqlText.List(folder).Contains(name) ? SqlText.Load(name).TrimEnd() : null;
    }
}

/// <summary>The columns of <c>plays.sql</c>.</summary>
internal static class PlayColumns
{
    public static IReadOnlyList<ReportColumn> All { get; } =
    [
        new("start_time", "Time (UTC)", ColumnFormat.Moment), new("user_id", "User", ColumnFormat.Text), new("first_name", "First name", ColumnFormat.Text),
        new("last_name", "Last name", ColumnFormat.Text), new("level", "Level", ColumnFormat.Text), new("song_title", "Song", ColumnFormat.Text),
        new("artist_name", "Artist", ColumnFormat.Text), new("duration", "Length", ColumnFormat.Seconds), new("song_id", "In the catalogue", ColumnFormat.Text),
        new("session_id", "Session", ColumnFormat.Ordinal), new("item_in_session", "Item", ColumnFormat.Ordinal), new("location", "Location", ColumnFormat.Text),
        new("user_agent", "User agent", ColumnFormat.Text),
    ];
}

/// <summary>Parameters that many reports take.</summary>
internal static class Shared
{
    public static ReportParameter From { get; } = new("from", "From", ReportParameterKind.Date, "Only what happened on this day (UTC) or later.");

    public static ReportParameter To { get; } = new("to", "To", ReportParameterKind.Date, "Only what happened on this day (UTC) or earlier.");

    public static ReportParameter Level { get; } = new(
        "level", "Level", ReportParameterKind.Choice, "Only plays on this level, as it was at that moment.", Choices: ["free", "paid"]);

    public static ReportParameter Top { get; } = new("top", "Top", ReportParameterKind.Number, "How many rows, the largest first.", "20", 1, 1000);

    public static ReportParameter Per { get; } = new(
        "per", "Per", ReportParameterKind.Choice, "What one point of time is. Weeks are ISO: they begin on Monday.", "day", Choices: ["day", "week"]);

    public static ReportColumn Plays { get; } = new("plays", "Plays", ColumnFormat.Count);

    public static ReportColumn Period { get; } = new("period", "From day (UTC)", ColumnFormat.Day);

    /// <summary>The day or week a moment of <c>r</c> belongs to.</summary>
    public const string PeriodOfRow = "case when @per = 'week' then date_trunc('week', r.start_time) else date_trunc('day', r.start_time) end";
}
