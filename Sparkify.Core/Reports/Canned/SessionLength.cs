using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class SessionLength() : Report(
    new ReportInfo(
        "session-length", ReportGroup.Listening, "Session length", "How long do people listen in one session?",
        "Sessions in which nothing was played, and plays without session, user or time. A session lasts from the start of its first play within the range to the end of its last.",
        [From, To, Level],
        [new("length", "Length", ColumnFormat.Text), new("sessions", "Sessions", ColumnFormat.Count), Plays],
        new(ChartKind.Columns, "length", ["sessions"]), []),
    ("length", "r.length"))
{
    protected override string Complete(string sql) => sql.Replace(
        "{length}",
        """
        case when seconds < 300 then 'under 5 min' when seconds < 900 then '5 to 15 min' when seconds < 1800 then '15 to 30 min'
                        when seconds < 3600 then '30 to 60 min' when seconds < 7200 then '1 to 2 h' when seconds < 14400 then '2 to 4 h' else '4 h or more' end
        """, StringComparison.Ordinal);
}
