using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.LevelChanges;

internal sealed class LevelChanges() : Report(
    new ReportInfo(
        "level-changes", ReportGroup.People, "Level changes", "When do people change between free and paid?",
        "Changes between which nothing was played: a change shows at the first play on the other level. Plays without a user, a time or a level.",
        [From, To, Per],
        [Period, new("upgrades", "To paid", ColumnFormat.Count), new("downgrades", "To free", ColumnFormat.Count)],
        new(ChartKind.StackedColumns, "period", ["upgrades", "downgrades"]), []),
    ("period", PeriodOfRow))
{
    public override IReadOnlyList<ReportColumn> RowColumns { get; } =
    [
        new("start_time", "Time (UTC)", ColumnFormat.Moment), new("user_id", "User", ColumnFormat.Text), new("first_name", "First name", ColumnFormat.Text),
        new("last_name", "Last name", ColumnFormat.Text), new("level_before", "From", ColumnFormat.Text), new("level", "To", ColumnFormat.Text),
    ];

    public override string RowOrder => "r.start_time desc, r.user_id";
}
