using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class Locations() : Report(
    new ReportInfo(
        "locations", ReportGroup.Places, "Plays by location", "Where is music played?",
        "Nothing: plays without a location are a row of their own. The location is what the log says, not an address.",
        [From, To, Level, Top],
        [new("location", "Location", ColumnFormat.Text), Plays, new("users", "Users", ColumnFormat.Count)],
        new(ChartKind.Bars, "location", ["plays"]), []),
    ("location", "r.location"));
