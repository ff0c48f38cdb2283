using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class TopArtists() : Report(
    new ReportInfo(
        "top-artists", ReportGroup.Listening, "Top artists", "Which artists are played most?",
        "Plays without an artist. Artists are told apart by the name the log gives them, in the catalogue or not.",
        [From, To, Level, Top],
        [new("artist", "Artist", ColumnFormat.Text), Plays],
        new(ChartKind.Bars, "artist", ["plays"]), []),
    ("artist", "r.artist_name"));
