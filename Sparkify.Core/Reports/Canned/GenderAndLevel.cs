using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class GenderAndLevel() : Report(
    new ReportInfo(
        "gender-and-level", ReportGroup.People, "Gender and level", "Who are the users: of which gender, and on which level now?",
        "Users who played nothing in the range, and plays without a user. The gender is the last known one, the level that of the user's latest event of all.",
        [From, To],
        [new("gender", "Gender", ColumnFormat.Text), new("level", "Level", ColumnFormat.Text), new(
            "users", "Users", ColumnFormat.Count), Plays],
        new(ChartKind.Columns, "gender", ["users"]), []),
    ("gender", "r.gender"), ("level", "r.level_now"));
