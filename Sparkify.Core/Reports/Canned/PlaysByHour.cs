using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class PlaysByHour() : Report(
    new ReportInfo(
        "plays-by-hour", ReportGroup.Listening, "Plays by hour and weekday", "At which hours of the week is music played?",
        "Plays without a time. Hours are UTC, not those of the listener; an hour without a row had no plays.",
        [From, To, Level],
        [new("weekday", "Weekday", ColumnFormat.Weekday), new("hour", "Hour", ColumnFormat.Ordinal), Plays],
        new(ChartKind.HeatMap, "hour", ["plays"], Down: "weekday"), []),
    ("weekday", "(cast(date_part('dow', r.start_time) as integer) + 6) % 7 + 1"),
    ("hour", "cast(date_part('hour', r.start_time) as integer)"));
