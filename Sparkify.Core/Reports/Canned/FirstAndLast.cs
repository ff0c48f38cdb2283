namespace Sparkify.Core.Reports.Canned;

internal sealed class FirstAndLast() : Report(
    new ReportInfo(
        "first-and-last", ReportGroup.Arrival, "First and last event", "Which time do the events and the plays span?",
        "Events and plays without a time are counted, but have no place between first and last. Other than in most reports, an event that was read more than once counts each time: its rows are counted.",
        [],
        [
            new("what", "What", ColumnFormat.Text), new("rows", "Rows", ColumnFormat.Count), new(
                "first", "First (UTC)", ColumnFormat.Moment),
            new("last", "Last (UTC)", ColumnFormat.Moment),
        ],
        new(ChartKind.Table, "what", []), []));
