using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class Browsers() : Report(
    new ReportInfo(
        "browsers", ReportGroup.Places, "Plays by browser", "With which browsers is music played?",
        "Nothing: user agents that name none of the known browsers are 'other', plays without one 'unknown'.",
        [From, To, Level],
        [new("browser", "Browser", ColumnFormat.Text), Plays, new("share", "Share", ColumnFormat.Share)],
        new(ChartKind.Donut, "browser", ["plays"]), []),
    ("browser", Family.Replace("user_agent", "r.user_agent", StringComparison.Ordinal)))
{
    // Browsers name the ones they stand in for, too: the most particular comes first.
    private const string Family =
        """
        case when user_agent is null or user_agent = '' then 'unknown'
                when user_agent like '%Edge/%' or user_agent like '%Edg/%' then 'Edge'
                when user_agent like '%OPR/%' or user_agent like '%Opera%' then 'Opera'
                when user_agent like '%MSIE %' or user_agent like '%Trident/%' then 'Internet Explorer'
                when user_agent like '%Firefox/%' then 'Firefox'
                when user_agent like '%Chrome/%' or user_agent like '%CriOS/%' then 'Chrome'
                when user_agent like '%Safari/%' then 'Safari'
                else 'other' end
        """;

    protected override string Complete(string sql) => sql.Replace("{browser}", Family, StringComparison.Ordinal);
}
