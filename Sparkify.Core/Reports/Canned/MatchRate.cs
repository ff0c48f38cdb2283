using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class MatchRate() : Report(
    new ReportInfo(
        "match-rate", ReportGroup.Catalogue, "Match rate", "Which share of the plays does the song catalogue know?",
        "Plays without a time. A play matches when title, artist and length (to 5 decimals) are exactly those of a song; plays that miss one by case, blanks or Unicode form are counted by the check matches_not_missed.",
        [From, To, Level, Per],
        [Period, Plays, new("matched", "In the catalogue", ColumnFormat.Count), new("share", "Share", ColumnFormat.Share)],
        new(ChartKind.Lines, "period", ["share"]), []),
    ("period", PeriodOfRow));
