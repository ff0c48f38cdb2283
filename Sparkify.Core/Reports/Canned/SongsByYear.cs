using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class SongsByYear() : Report(
    new ReportInfo(
        "songs-by-year", ReportGroup.Catalogue, "Songs by year",
        "From which years are the songs of the catalogue, and how often are they played?",
        "Songs whose year is unknown (0 in the source), and plays the catalogue does not know. Range and level limit the plays, not the songs.",
        [From, To, Level],
        [new("year", "Year", ColumnFormat.Ordinal), new("songs", "Songs", ColumnFormat.Count), Plays],
        new(ChartKind.Columns, "year", ["songs"]), []));
