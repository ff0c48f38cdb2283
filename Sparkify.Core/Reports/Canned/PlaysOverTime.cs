using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class PlaysOverTime() : Report(
    new ReportInfo(
        "plays-over-time", ReportGroup.Listening, "Plays over time", "How much is played, day by day or in longer periods?",
        "Plays without a time. Days (weeks, months, years) without a row had no plays; the first and the last may be incomplete.",
        [From, To, Level, Per],
        [Period, Plays, new("seconds", "Time played", ColumnFormat.Seconds)],
        new(ChartKind.Lines, "period", ["plays"]), []),
    ("period", PeriodOfRow));
