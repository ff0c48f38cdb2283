using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class SongsPerSession() : Report(
    new ReportInfo(
        "songs-per-session", ReportGroup.Listening, "Songs per session", "How many songs are played in one session?",
        "Sessions in which nothing was played, and plays without session or user. A song played twice counts twice.",
        [From, To, Level],
        [new("songs", "Songs", ColumnFormat.Text), new("sessions", "Sessions", ColumnFormat.Count), Plays],
        new(ChartKind.Columns, "songs", ["sessions"]), []),
    ("songs", "r.songs"))
{
    protected override string Complete(string sql) => sql.Replace(
        "{songs}",
        """
        case when plays = 1 then '1' when plays <= 5 then '2 to 5' when plays <= 10 then '6 to 10' when plays <= 20 then '11 to 20'
                        when plays <= 50 then '21 to 50' when plays <= 100 then '51 to 100' else 'over 100' end
        """, StringComparison.Ordinal);
}
