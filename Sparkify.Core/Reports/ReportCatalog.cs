namespace Sparkify.Core.Reports;

/// <summary>Every report, in the order they are shown.</summary>
internal static class ReportCatalog
{
    public static IReadOnlyList<Report> All { get; } =
    [
        new TopSongs.TopSongs(), new TopArtists.TopArtists(), new PlaysOverTime.PlaysOverTime(), new PlaysByHour.PlaysByHour(),
        new SessionLength.SessionLength(), new SongsPerSession.SongsPerSession(),
        new ActiveUsers.ActiveUsers(), new FreeAndPaid.FreeAndPaid(), new LevelChanges.LevelChanges(), new GenderAndLevel.GenderAndLevel(),
        new MostActiveUsers.MostActiveUsers(),
        new Locations.Locations(), new Browsers.Browsers(), new Systems.Systems(),
        new MatchRate.MatchRate(), new SongsByYear.SongsByYear(), new NeverPlayed.NeverPlayed(),
        new RowsPerTable.RowsPerTable(), new FirstAndLast.FirstAndLast(), new EventsByPage.EventsByPage(), new MatchedPlays.MatchedPlays(),
    ];
}
