using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class MostActiveUsers() : Report(
    new ReportInfo(
        "most-active-users", ReportGroup.People, "Most active users", "Who plays most?",
        "Plays without a user. Names are the last known ones, levels those of the user's latest event.",
        [From, To, Level, Top],
        [
            new("user_id", "User", ColumnFormat.Text), new(
                "first_name", "First name", ColumnFormat.Text), new("last_name", "Last name", ColumnFormat.Text),
            new("level", "Level now", ColumnFormat.Text), Plays, new("sessions", "Sessions", ColumnFormat.Count), new(
                "seconds", "Time played", ColumnFormat.Seconds),
        ],
        new(ChartKind.Bars, "user_id", ["plays"]), []),
    ("user_id", "r.user_id"));
