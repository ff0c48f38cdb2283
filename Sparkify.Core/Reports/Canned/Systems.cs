using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class Systems() : Report(
    new ReportInfo(
        "systems", ReportGroup.Places, "Plays by system", "On which systems is music played?",
        "Nothing: user agents that name none of the known systems are 'other', plays without one 'unknown'.",
        [From, To, Level],
        [new("platform", "System", ColumnFormat.Text), Plays, new("share", "Share", ColumnFormat.Share)],
        new(ChartKind.Donut, "platform", ["plays"]), []),
    ("platform", Family.Replace("user_agent", "r.user_agent", StringComparison.Ordinal)))
{
    // Telephones say 'like Mac OS X' and 'Linux', too: the most particular comes first.
    private const string Family =
        """
        case when user_agent is null or user_agent = '' then 'unknown'
                when user_agent like '%Windows%' then 'Windows'
                when user_agent like '%iPhone%' or user_agent like '%iPod%' then 'iPhone'
                when user_agent like '%iPad%' then 'iPad'
                when user_agent like '%Android%' then 'Android'
                when user_agent like '%Macintosh%' or user_agent like '%Mac OS X%' then 'macOS'
                when user_agent like '%Linux%' or user_agent like '%X11%' then 'Linux'
                else 'other' end
        """;

    protected override string Complete(string sql) => sql.Replace("{system}", Family, StringComparison.Ordinal);
}
