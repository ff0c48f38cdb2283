using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class MatchedPlays() : Report(
    new ReportInfo(
        "matched-plays", ReportGroup.Arrival, "Plays in the catalogue", "How many of the plays does the song catalogue know?",
        "Nothing: every play is one or the other. Plays that miss a song by case, blanks or Unicode form are not in the catalogue; the check matches_not_missed counts them.",
        [From, To, Level],
        [new("plays_are", "Plays", ColumnFormat.Text), new("plays", "Number", ColumnFormat.Count)],
        new(ChartKind.Donut, "plays_are", ["plays"]), []),
    ("plays_are", "case when r.song_id is not null then 'in the catalogue' else 'not in the catalogue' end"));
