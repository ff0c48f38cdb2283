using Dapper;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

public sealed class StarTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Songplays_MatchTheCatalogueByTitleArtistAndDurationToFiveDecimals()
    {
        await using var warehouse = await LoadAsync(
            [
                Source.Event(item: 0, song: "A", artist: "X", length: 200.123451),
                Source.Event(item: 1, song: "A", artist: "X", length: 200.12346),
                Source.Event(item: 2, song: "A", artist: "Y", length: 200.12345),
                Source.Event(item: 3, song: null, artist: null, length: null),
            ],
            [Source.Song("SO1", "A", "AR1", "X", 200.12345)]);

        Assert.Equal(
            ["(0,SO1,AR1,A,X)", "(1,,,A,X)", "(2,,,A,Y)", "(3,,,,)"],
            await warehouse.RowsAsync("select item_in_session, song_id, artist_id, song_title, artist_name from songplays"));
    }

    [Fact]
    public async Task Songplays_SeveralCatalogueSongsFit_TheLowestIdWinsAndThePlayIsOneRow()
    {
        await using var warehouse = await LoadAsync(
            [Source.Event()], [Source.Song("SO9"), Source.Song("SO2"), Source.Song("SO5")]);

        Assert.Equal(["(SO2)"], await warehouse.RowsAsync("select song_id from songplays"));
    }

    [Fact]
    public async Task Songplays_EventsThatRepeatAKey_AreOnePlayAndCounted()
    {
        await using var warehouse = await LoadAsync(
            [Source.Event(item: 1, song: "B"), Source.Event(
                item: 1, song: "A"), Source.Event(item: 2), Source.Event("Home", item: 3)], [Source.Song()]);

        Assert.Equal(["(1,A)", "(2,Song)"], await warehouse.RowsAsync("select item_in_session, song_title from songplays"));
        var plays = await warehouse.App.Http.GetStringAsync($"/api/v1/warehouses/{warehouse.Name}/plays");
        Assert.Contains("\"eventsStaged\":4,\"otherPages\":1,\"repeatedPlays\":1,\"plays\":2,\"matchedPlays\":1", plays);
    }

    [Fact]
    public async Task Songplays_DurationsBeyondAnySong_MatchNothingAndStopNothing()
    {
        await using var warehouse = await LoadAsync(
            [Source.Event(item: 0, length: 1e308), Source.Event(item: 1, length: -1e300), Source.Event(item: 2)],
            [Source.Song("SO1"), Source.Song("SO2", duration: 1e308)]);

        Assert.Equal(["(0,)", "(1,)", "(2,SO1)"], await warehouse.RowsAsync("select item_in_session, song_id from songplays"));
    }

    [Fact]
    public async Task Songplays_KeyIsTheMd5OfWhatMakesThePlay()
    {
        await using var warehouse = await LoadAsync([Source.Event(user: "8", ts: 1541106106796, session: 139, item: 1)], [Source.Song()]);

        var digest = System.Security.Cryptography.MD5.HashData("139|1|1541106106796|8"u8);
        var expected = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(digest);
        Assert.Equal([$"({expected})"], await warehouse.RowsAsync("select songplay_id from songplays"));
    }

    [Fact]
    public async Task Users_LatestEventOfAnyPageDecides_AndVisitorsAreNoUsers()
    {
        await using var warehouse = await LoadAsync(
            [
                Source.Event(user: "1", ts: 1000, level: "free", item: 0),
                Source.Event("Upgrade", user: "1", ts: 2000, level: "paid", item: 1),
                Source.Event(user: "2", ts: 1000, item: 1, level: "paid"),
                Source.Event("Home", user: "2", ts: 1000, item: 2, level: "free"),
                Source.Event("Home", user: "", ts: 3000, first: null, last: null, gender: null),
                Source.Event("Home", user: "3", ts: 3000),
                Source.Event(user: "", ts: 4000, item: 5),
            ],
            [Source.Song()]);

        Assert.Equal(["(1,paid)", "(2,free)"], await warehouse.RowsAsync("select user_id, level from users"));
        Assert.Equal(["(1)", "(2)", "()"], (await warehouse.RowsAsync("select user_id from songplays")).OrderByDescending(r => r.Length)
            .ThenBy(r => r, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Artists_SourceDisagrees_TheMostCompleteWinsThenTheLowest()
    {
        await using var warehouse = await LoadAsync(
            [Source.Event()],
            [
                Source.Song("SO1", artist: "AR1", name: "Zed", location: "Paris", latitude: 1, longitude: 2),
                Source.Song("SO2", artist: "AR1", name: "Abe"),
                Source.Song("SO3", artist: "AR2", name: "Two"),
                Source.Song("SO4", artist: "AR2", name: "One"),
            ]);

        Assert.Equal(["(AR1,Zed,Paris,1,2)", "(AR2,One,,,)"], await warehouse.RowsAsync("select * from artists"));
    }

    [Fact]
    public async Task Songs_YearZeroIsUnknown_AndOneRowPerId()
    {
        await using var warehouse = await LoadAsync(
            [Source.Event()], [Source.Song("SO1", year: 0), Source.Song("SO1", year: 1999), Source.Song("SO2", year: 0)]);

        Assert.Equal(["(SO1,1999)", "(SO2,)"], await warehouse.RowsAsync("select song_id, year from songs"));
    }

    [Fact]
    public async Task Time_HasIsoWeeksAndWeekdays()
    {
        // Sunday, 30 December 2018, 23:00 UTC is in ISO week 52; Monday the 31st in week 1 of 2019.
        await using var warehouse = await LoadAsync(
            [Source.Event(ts: 1546210800000, item: 0), Source.Event(ts: 1546214400000, item: 1)], [Source.Song()]);

        Assert.Equal(["(23,30,52,12,2018,7)", "(0,31,1,12,2018,1)"], (await warehouse.RowsAsync(
            "select hour, day, week, month, year, weekday from time")).OrderByDescending(r => r, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Staging_KeepsEveryRowWithItsFileAndLine()
    {
        await using var warehouse = await LoadAsync([Source.Event(item: 0), Source.Event(item: 1)], [Source.Song()]);

        Assert.Equal(
            ["(2018/11/events.json,1,0)", "(2018/11/events.json,2,1)"],
            await warehouse.RowsAsync(
                "select f.name, e.line, e.item_in_session from staging_events e join source_files f using (file_id)"));
    }

    [Fact]
    public async Task Catalogue_DescribesTheTablesAsTheyAre()
    {
        await using var warehouse = await LoadAsync([Source.Event()], [Source.Song()]);
        await using var db = await warehouse.OpenAsync();

        foreach (var table in TableCatalogue.On(WarehouseTarget.Local))
        {
            var columns = await db.QueryAsync<(string, string)>(
                """
                select a.attname, case when format_type(a.atttypid, -1) = 'timestamp without time zone' then 'timestamp' else format_type(a.atttypid, -1) end
                from   pg_attribute a where a.attrelid = ('dwh.' || @Table)::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
                """, new { table.Table });
            Assert.Equal(table.Columns.Select(c => (c.Name, c.Type)), columns);
            var keys = await db.QueryAsync<string>(
                """
                select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
                where  i.indisprimary and i.indrelid = ('dwh.' || @Table)::regclass
                """, new { table.Table });
            Assert.Equal(table.Columns.Where(c => c.Key).Select(c => c.Name), keys);
        }
    }

    private async Task<LoadedWarehouse> LoadAsync(IEnumerable<string> events, IEnumerable<string> songs)
    {
        var warehouse = await LoadedWarehouse.ProvisionAsync(Source.Write(_folder, events, songs));
        await warehouse.LoadAnywayAsync(); // times of 1970 and the like are not believed by themselves
        return warehouse;
    }
}
