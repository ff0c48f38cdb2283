using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class FreeAndPaid() : Report(
    new ReportInfo(
        "free-and-paid", ReportGroup.People, "Free against paid", "How do plays on the free and on the paid level develop?",
        "Plays without a time, and plays on neither level. The level is that of the moment of the play.",
        [From, To, Per],
        [Period, new("free", "Free", ColumnFormat.Count), new("paid", "Paid", ColumnFormat.Count)],
        new(ChartKind.StackedColumns, "period", ["paid", "free"]), []),
    ("period", PeriodOfRow));
