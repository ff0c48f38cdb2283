using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline;

/// <summary>Stars that agree with themselves and are hard to believe: never plainly green, and published only when that can be.</summary>
public sealed class PlausibilityTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Times_InSeconds_AreToldAsWhatTheyAre()
    {
        await using var warehouse = await ProvisionAsync(Events(20, ts: 1541105830), [Source.Song()]);

        await AssertAskedAsync(warehouse, "times_plausible", 20, "All 20 plays lie before the year 2000 (from 1970-01-18 to 1970-01-18): " +
            "the field ts looks like seconds, where milliseconds are expected.");
    }

    [Fact]
    public async Task Times_OneOf1970AmongMany_IsCounted()
    {
        await using var warehouse = await ProvisionAsync([.. Events(50), Source.Event(item: 99, ts: 0)], [Source.Song()]);

        await AssertDoubtAsync(warehouse, "times_plausible", 1, "1 of 51 plays lie before the year 2000 (from 1970-01-01 to 1970-01-01).");
    }

    [Fact]
    public async Task Times_InMicroseconds_LieInTheFuture()
    {
        await using var warehouse = await ProvisionAsync(Events(3, ts: 15411058307960), [Source.Song()]);

        await AssertAskedAsync(warehouse, "times_plausible", 3, "All 3 plays lie in the future (up to 2458-");
    }

    [Fact]
    public async Task Fields_NamedOtherwise_AreNamed()
    {
        await using var warehouse = await ProvisionAsync(
            Events(10).Select(static e => e.Replace("\"page\"", "\"page_name\"", StringComparison.Ordinal)), [Source.Song()]);

        await AssertAskedAsync(
            warehouse, "event_fields_present", 10, "All or nearly all of 10 events have no page: are the fields named otherwise?");
        await AssertAskedAsync(
            warehouse, "star_not_empty", 10, "None of 10 events is a play (its page is NextSong), so songplays is empty.", load: false);
    }

    [Fact]
    public async Task Fields_OfSongsNamedOtherwise_AreNamed()
    {
        await using var warehouse = await ProvisionAsync(
            Events(1), [Source.Song().Replace("\"artist_name\"", "\"artist\"", StringComparison.Ordinal)]);

        await AssertAskedAsync(
            warehouse, "song_fields_present", 1,
            "1 song record has no artist_name: are the fields named otherwise?");
    }

    [Fact]
    public async Task Reload_OfFarLess_IsComparedWithTheStarOfBefore()
    {
        await using var warehouse = await ProvisionAsync(Events(20), [Source.Song("SO1"), Source.Song("SO2", title: "Other")]);
        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings);
        Source.Write(_folder, Events(9), [Source.Song("SO2", title: "Other")]);

        await AssertAskedAsync(
            warehouse, "near_the_published", 20,
            "Far fewer than in the star of before: 9 plays (were 20), 0 plays found in the catalogue (were 20).");
    }

    [Fact]
    public async Task Redshift_TimesInSeconds_AreToldAlike()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync(Events(20, ts: 1541105830), [Source.Song()]);

        var run = await cloud.App.RunAsync(cloud.Name, RunKind.Load);

        Assert.Equal((RunState.NeedsDecision, 1), (run.State, run.Warnings));
        var doubt = Assert.Single(
            await cloud.App.Services.GetRequiredService<ILoadRecords>().ChecksAsync(cloud.Name, run.Id, default), static c => !c.Passed);
        Assert.Equal((CheckOutcome.NeedsDecision, 20), (doubt.Outcome, doubt.Found));
        Assert.Contains("looks like seconds", doubt.Detail, StringComparison.Ordinal);
    }

    public static TheoryData<string> Healthy => new()
    {
        "one play", "one user", "nobody logged in among them", "plays the catalogue does not know", "a year ago and today",
        "the same file twice",
        "a catalogue without places", "free only",
    };

    [Theory]
    [MemberData(nameof(Healthy))]
    public async Task Load_OfWhatIsHealthy_RaisesNoWarning(string what)
    {
        string[] events = what switch
        {
            "one play" => [Source.Event()],
            "nobody logged in among them" =>
                [.. Events(5), Source.Event("Home", user: "", item: 50, song: null, artist: null, length: null)],
            "plays the catalogue does not know" => [Source.Event(song: "Unheard", artist: "Nobody", length: 12.5)],
            "a year ago and today" => [Source.Event(), Source.Event(item: 1, ts: DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())],
            "the same file twice" => [.. Events(5), .. Events(5)],
            _ => [.. Events(5)],
        };
        await using var warehouse = await ProvisionAsync(events, [Source.Song()]);

        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings);
        Assert.Equal(0, (await warehouse.LoadAsync()).Warnings); // and none for being loaded again
    }

    private static IEnumerable<string> Events(int count, long ts = 1541105830796) =>
        Enumerable.Range(0, count).Select(item => Source.Event(item: item, ts: ts));

    private Task<LoadedWarehouse> ProvisionAsync(IEnumerable<string> events, IEnumerable<string> songs) =>
        LoadedWarehouse.ProvisionAsync(Source.Write(_folder, events, songs));

    private static Task AssertDoubtAsync(LoadedWarehouse warehouse, string check, long found, string detail) =>
        AssertFoundAsync(warehouse, check, CheckOutcome.Warning, found, detail, load: true);

    private static Task AssertAskedAsync(LoadedWarehouse warehouse, string check, long found, string detail, bool load = true) =>
        AssertFoundAsync(warehouse, check, CheckOutcome.NeedsDecision, found, detail, load);

    private static async Task AssertFoundAsync(
        LoadedWarehouse warehouse, string check, CheckOutcome outcome, long found, string detail, bool load)
    {
        var records = warehouse.App.Services.GetRequiredService<ILoadRecords>();
        var run = load ? await warehouse.TryLoadAsync() : null;
        var result = (await records.ChecksAsync(warehouse.Name, run?.Id, default)).Single(c => c.Name == check);

        Assert.Equal((outcome, found), (result.Outcome, result.Found));
        Assert.StartsWith(detail, result.Detail, StringComparison.Ordinal);
        if (run is not null)
        {
            Assert.Equal(outcome == CheckOutcome.NeedsDecision ? RunState.NeedsDecision : RunState.Succeeded, run.State);
            Assert.True(run.Warnings > 0);
            var log = await warehouse.App.Services.GetRequiredService<IRuns>().LogAsync(run.Id, 0, 1000, default);
            Assert.Contains(
                log, line => line.Level == RunLogLevel.Warning && line.Message.Contains(result.Detail!, StringComparison.Ordinal));
        }
    }
}
