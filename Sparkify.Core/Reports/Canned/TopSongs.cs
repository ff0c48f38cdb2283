using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class TopSongs() : Report(
    new ReportInfo(
        "top-songs", ReportGroup.Listening, "Top songs", "Which songs are played most?",
        "Plays without a title. Songs are told apart by title and artist as the log gives them, in the catalogue or not.",
        [From, To, Level, Top],
        [new("song", "Song", ColumnFormat.Text), new("artist", "Artist", ColumnFormat.Text), Plays],
        new(ChartKind.Bars, "song", ["plays"]), []),
    ("song", "r.song_title"), ("artist", "r.artist_name"));
