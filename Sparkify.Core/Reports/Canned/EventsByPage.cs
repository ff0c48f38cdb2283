using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class EventsByPage() : Report(
    new ReportInfo(
        "events-by-page", ReportGroup.Arrival, "Events by page", "Which pages are the events of the log from?",
        "Events that the load rejected. An event that was read more than once counts once. Only NextSong events are plays.",
        [From, To],
        [new("page", "Page", ColumnFormat.Text), new("events", "Events", ColumnFormat.Count)],
        new(ChartKind.Bars, "page", ["events"]), []),
    ("page", "r.page"))
{
    public override IReadOnlyList<ReportColumn> RowColumns { get; } =
    [
        new("ts", "Time (UTC)", ColumnFormat.Moment), new("page", "Page", ColumnFormat.Text), new("user_id", "User", ColumnFormat.Text),
        new("first_name", "First name", ColumnFormat.Text), new(
            "last_name", "Last name", ColumnFormat.Text), new("level", "Level", ColumnFormat.Text),
        new("session_id", "Session", ColumnFormat.Ordinal), new(
            "item_in_session", "Item", ColumnFormat.Ordinal), new("method", "Method", ColumnFormat.Text),
        new("status", "Status", ColumnFormat.Ordinal), new("location", "Location", ColumnFormat.Text),
    ];

    public override string RowOrder => "r.ts desc, r.session_id, r.item_in_session";
}
