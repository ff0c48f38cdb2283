using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class LevelChanges() : Report(
    new ReportInfo(
        "level-changes", ReportGroup.People, "Level changes", "When do people change between free and paid?",
        "Events without a time. A change is a Submit Upgrade or Submit Downgrade event of the log, whether or not anything was played after it.",
        [From, To, Per],
        [Period, new("upgrades", "To paid", ColumnFormat.Count), new("downgrades", "To free", ColumnFormat.Count)],
        new(ChartKind.StackedColumns, "period", ["upgrades", "downgrades"]), []),
    ("period", PeriodOfRow))
{
    public override IReadOnlyList<ReportColumn> RowColumns { get; } =
    [
        new("start_time", "Time (UTC)", ColumnFormat.Moment), new("page", "Page", ColumnFormat.Text), new(
            "user_id", "User", ColumnFormat.Text),
        new("first_name", "First name", ColumnFormat.Text), new(
            "last_name", "Last name", ColumnFormat.Text), new("level", "Level", ColumnFormat.Text),
        new("session_id", "Session", ColumnFormat.Ordinal), new(
            "item_in_session", "Item", ColumnFormat.Ordinal), new("location", "Location", ColumnFormat.Text),
    ];
}
