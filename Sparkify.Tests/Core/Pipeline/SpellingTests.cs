using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Star;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>The same thing spelled in two ways: two things to the star, and a warning that shows both.</summary>
public sealed class SpellingTests : IDisposable
{
    private const string Composed = "Caf\u00E9 Zed";
    private const string Apart = "Cafe\u0301 Zed";
    private const string NoBreak = "Caf\u00E9\u00A0Zed";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ids_ThatDifferInBlanksZerosOrAFraction_AreListed()
    {
        string[] users = ["7", "7.0", " 7", "7 ", "07", "70", "8"];
        await using var warehouse = await ProvisionAsync(
            users.Select(static (user, item) => Source.Event(user: user, item: item)), [Source.Song()]);

        var doubt = await DoubtAsync(warehouse, SpellingChecks.Ids, warnings: 1);

        Assert.Equal(5, doubt.Found);
        Assert.Equal(
            "5 user ids look like another one but for blanks, leading zeros or .0, and each counts by itself: user \" 7\", \"07\", \"7\", \"7 \", \"7.0\".",
            doubt.Detail);
        Assert.Equal(7, (await warehouse.RowsAsync("select * from users")).Count);
    }

    [Fact]
    public async Task Ids_OfTheCatalogue_AreLookedAtToo()
    {
        await using var warehouse = await ProvisionAsync([Source.Event()], [Source.Song("SO1"), Source.Song("SO1 ", title: "Other")]);

        var doubt = await DoubtAsync(warehouse, SpellingChecks.Ids, warnings: 1);

        Assert.StartsWith("2 song ids look like another one", doubt.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_ThatLookAlike_AreListed_AndPlaysThatMissTheirSong_Counted()
    {
        string[] artists = [Composed, Apart, NoBreak, Composed.ToUpperInvariant(), Composed + " "];
        await using var warehouse = await ProvisionAsync(
            artists.Select(static (artist, item) => Source.Event(item: item, artist: artist)), [Source.Song(name: Composed)]);

        var names = await DoubtAsync(warehouse, SpellingChecks.Names, warnings: 2);
        var missed = await DoubtAsync(warehouse, SpellingChecks.NearMisses);

        Assert.Equal(4, names.Found);
        Assert.Contains($"\"{Composed}\" and \"{Apart}\" (Unicode form)", names.Detail, StringComparison.Ordinal);
        Assert.Contains($"\"{Composed}\" and \"{NoBreak}\" (blanks)", names.Detail, StringComparison.Ordinal);
        Assert.Contains($"\"{Composed}\" and \"{Composed.ToUpperInvariant()}\" (case)", names.Detail, StringComparison.Ordinal);
        Assert.Equal(4, missed.Found);
        Assert.StartsWith(
            "4 plays would be found in the catalogue but for case, blanks or Unicode form: \"Song\" by \"", missed.Detail, StringComparison.Ordinal);
        Assert.Equal(4, missed.Detail!.Split("(1 play)").Length - 1);
        // Matching itself stays exact.
        Assert.Single(await warehouse.RowsAsync("select 1 from songplays where song_id is not null"));
    }

    [Fact]
    public async Task Titles_OfOneArtistInTwoCases_AreListed_AndMoreThanFiveOnlyCounted()
    {
        await using var warehouse = await ProvisionAsync(
            [.. Enumerable.Range(0, 14).Select(
                static i => Source.Event(item: i, song: $"{(i % 2 == 0 ? "Song" : "song")} of {i / 2}", length: 12.5))],
            [Source.Song()]);

        var names = await DoubtAsync(warehouse, SpellingChecks.Names, warnings: 1);

        Assert.Equal(7, names.Found);
        Assert.EndsWith(" and 2 more.", names.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PagesAndLevels_InAnotherCaseOrWithBlanks_AreCounted()
    {
        await using var warehouse = await ProvisionAsync(PagesAndLevels, [Source.Song()]);

        var pages = await DoubtAsync(warehouse, SpellingChecks.Pages, warnings: 2);
        var levels = await DoubtAsync(warehouse, SpellingChecks.Levels);

        Assert.Equal(
            "2 events have the page \"nextsong\" and 1 event has the page \"NextSong \", which is not NextSong: they do not count as plays.",
            pages.Detail);
        Assert.Equal(
            "1 play has the level \"PAID\" and 1 play has the level \"Paid\", which is neither free nor paid: reports by level leave them out.",
            levels.Detail);
        Assert.Equal((3, 2), (pages.Found, levels.Found));
    }

    [Fact]
    public async Task User_WhoseLatestEventsNameNobody_KeepsTheLastKnownNameAndGender()
    {
        await using var warehouse = await ProvisionAsync(Forgetful, [Source.Song()]);
        await warehouse.LoadAsync();

        Assert.Equal(["(1,Ada,Married,F,paid)", "(2,,,,free)"], await warehouse.RowsAsync("select * from users"));
    }

    [Fact]
    public async Task Redshift_TellsAll_AndKeepsTheLastKnownName()
    {
        string[] events =
        [
            .. Forgetful, .. PagesAndLevels, Source.Event(user: "07", item: 50), Source.Event(user: "7", item: 51),
            Source.Event(item: 52, artist: Apart), Source.Event(item: 53, artist: NoBreak),
        ];
        await using var cloud = await CloudWarehouse.ProvisionAsync(events, [Source.Song(name: Composed)]);

        var run = await cloud.LoadAsync();

        var checks = await cloud.App.Services.GetRequiredService<ILoadRecords>().ChecksAsync(cloud.Name, run.Id, default);
        Assert.Equal(
            SpellingChecks.All.Select(static c => c.Name).Order(StringComparer.Ordinal),
            checks.Where(static c => !c.Passed).Select(static c => c.Name).Order(StringComparer.Ordinal));
        Assert.Equal(2, checks.Single(static c => c.Name == SpellingChecks.NearMisses.Name).Found);
        Assert.Contains("1|Ada|Married|F|paid", await cloud.RowsAsync("select user_id, first_name, last_name, gender, level from dwh.users"));
    }

    public static TheoryData<string> Healthy => new()
    {
        "ids that are numbers", "padded ids", "ids with letters", "names that only begin alike", "accents", "one title by two artists",
        "no artist", "other pages", "composed and beyond Latin", "a song of another length",
        "an artist in capitals with songs of their own",
    };

    [Theory]
    [MemberData(nameof(Healthy))]
    public async Task Load_OfWhatIsHealthy_RaisesNoWarning(string what)
    {
        string[] events = what switch
        {
            "ids that are numbers" => [.. new[] { "1", "10", "100", "11", "0" }.Select(static (u, i) => Source.Event(user: u, item: i))],
            "padded ids" => [.. new[] { "0001", "0010", "0100" }.Select(static (u, i) => Source.Event(user: u, item: i))],
            "ids with letters" => [.. new[] { "a1", "a01", "a1.0x" }.Select(static (u, i) => Source.Event(user: u, item: i))],
            "names that only begin alike" =>
                [.. new[] { "Zed", "Zed Band", "ZedBand", "Zed-Band" }.Select(static (a, i) => Source.Event(item: i, artist: a))],
            "accents" => [.. new[] { "Cafe", "Caf\u00E9", "Caf\u00E8" }.Select(static (a, i) => Source.Event(item: i, artist: a))],
            "an artist in capitals with songs of their own" =>
                [Source.Event(artist: "Ludo"), Source.Event(item: 1, song: "Other", artist: "LUDO")],
            "one title by two artists" => [Source.Event(artist: "Ann"), Source.Event(item: 1, song: "SONG", artist: "Bob")],
            "no artist" => [Source.Event(), Source.Event(item: 1, artist: null), Source.Event(item: 2, song: null)],
            "other pages" => [Source.Event(), Source.Event("Next Song Settings", item: 1), Source.Event("nextsongs", item: 2)],
            "composed and beyond Latin" => [Source.Event(artist: "\u6C34\u6A39\u5948\u3005"), Source.Event(item: 1, artist: "\uAC00\uC218")],
            _ => [Source.Event(), Source.Event(item: 1, length: 201)],
        };
        await using var warehouse = await ProvisionAsync(events, [Source.Song()]);

        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings);
    }

    private static IEnumerable<string> PagesAndLevels =>
    [
        Source.Event(user: "3", item: 20), Source.Event("nextsong", user: "3", item: 21), Source.Event("nextsong", user: "3", item: 22),
        Source.Event("NextSong ", user: "3", item: 23), Source.Event(user: "3", item: 24, level: "Paid"),
        Source.Event(user: "3", item: 25, level: "PAID"),
    ];

    // Names become known, change, and are gone; of one user they never were.
    private static IEnumerable<string> Forgetful =>
    [
        Source.Event(first: null, last: null, gender: null, ts: 1541105830000),
        Source.Event(item: 1, first: "Ada", last: "Single", ts: 1541105831000),
        Source.Event(item: 2, first: "Ada", last: "Married", gender: "", ts: 1541105832000),
        Source.Event("Logout", item: 3, song: null, first: null, last: "", gender: null, level: "paid", ts: 1541105833000),
        Source.Event(user: "2", item: 4, first: null, last: null, gender: null),
    ];

    private Task<LoadedWarehouse> ProvisionAsync(IEnumerable<string> events, IEnumerable<string> songs) =>
        LoadedWarehouse.ProvisionAsync(Source.Write(_folder, events, songs));

    private static async Task<CheckResult> DoubtAsync(LoadedWarehouse warehouse, StarCheck check, int? warnings = null)
    {
        if (warnings is { } expected)
        {
            Assert.Equal(expected, (await warehouse.LoadAsync()).Warnings);
        }

        var result = (await warehouse.App.Services.GetRequiredService<ILoadRecords>().ChecksAsync(warehouse.Name, null, default))
            .Single(c => c.Name == check.Name);
        Assert.Equal(CheckOutcome.Warning, result.Outcome);
        return result;
    }
}
