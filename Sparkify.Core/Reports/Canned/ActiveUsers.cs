using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class ActiveUsers() : Report(
    new ReportInfo(
        "active-users", ReportGroup.People, "Active users", "How many people listen, day by day or in longer periods?",
        "Plays without a user or a time. Whoever plays anything is active; a longer period counts each user once.",
        [From, To, Level, Per],
        [Period, new("users", "Users", ColumnFormat.Count), Plays],
        new(ChartKind.Lines, "period", ["users"]), []),
    ("period", $"case when r.user_id is not null then {PeriodOfRow} end"));
