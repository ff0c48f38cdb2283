using static Sparkify.Core.Reports.Shared;

namespace Sparkify.Core.Reports.Canned;

internal sealed class NeverPlayed() : Report(
    new ReportInfo(
        "never-played", ReportGroup.Catalogue, "Never played songs", "Which songs of the catalogue did nobody play?",
        "Plays that the catalogue does not know: a song played under another title or length counts as never played.",
        [From, To, Level],
        [
            new("song", "Song", ColumnFormat.Text), new("artist", "Artist", ColumnFormat.Text), new("year", "Year", ColumnFormat.Ordinal),
            new("duration", "Length", ColumnFormat.Seconds), new("song_id", "Song id", ColumnFormat.Text),
        ],
        new(ChartKind.Table, "song", []), []));
