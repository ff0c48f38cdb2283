using System.Text;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Simulator;

namespace Sparkify.Tests.Core.Sources;

public sealed class S3SourceTests : SourcesFixture, IAsyncLifetime
{
    private SimulatorServer _simulator = null!;
    private AwsTestClients _door = null!;

    private protected override IAws Aws => _door.Aws;

    private IS3Client S3 => _door.Clients.S3;

    private SourceExplorer Explorer => new(Sources(), Options.Create(new RecordOptions()));

    private static LocationSource There => Spec("s3://music/log/", "s3://music/song/");

    public async Task InitializeAsync()
    {
        _simulator = await SimulatorServer.StartAsync(new SimulatorOptions { Delays = SimulatorDelays.None });
        _simulator.CreateBucket("music");
        _door = AwsTestClients.To(_simulator, retries: 1);
    }

    public async Task DisposeAsync()
    {
        _door.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task Prefix_Listed_GivesDataObjectsBelowItOnly()
    {
        foreach (var key in (string[])
            ["log/b/2.json", "log/a.json.gz", "log/.hidden.json", "log/_temporary/0.json", "log/notes.txt", "log/", "log/empty/", "log/paths.json", "log_backup/1.json"])
        {
            await PutAsync(key, key.EndsWith('/') ? "" : Event);
        }

        var source = await OpenAsync("s3://music/log", "s3://music/song", "s3://music/log/paths.json");
        var files = await ListAsync(source);

        Assert.Equal(["a.json.gz", "b/2.json"], files.Select(f => f.Name));
        Assert.All(files, file => Assert.True(file is { Bytes: > 0, Tag: not null } && file.Modified > DateTimeOffset.UnixEpoch));
        Assert.Equal("s3://music/log/", source.Location(SourcePart.Events));
        Assert.True(source.IsRemote(SourcePart.Events));
    }

    [Fact]
    public async Task Explorer_OneObjectAmongVeryMany_IsFoundByItsKey()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 1100), async (n, _) => await PutAsync($"log/{n:D4}.json", Event));
        await S3.PutAsync("music", "log/z.json.gz", new MemoryStream(Gzip(Event)), default);
        await PutAsync("log/z.json", Event);
        _simulator.ForgetCalls();

        var records = await Explorer.RecordsAsync(There, SourcePart.Events, "z.json", 0, 5, default);

        Assert.Single(records.Records);
        Assert.Single(_simulator.Calls, static c => c.Action == "ListObjectsV2");
        // What only begins like one is none.
        var missing = await Assert.ThrowsAsync<SparkifyException>(
            () => Explorer.RecordsAsync(There, SourcePart.Events, "z.js", 0, 5, default));
        Assert.Equal(ProblemKind.NotFound, missing.Kind);
        Assert.Contains("There is no file 'z.js'", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, 10, false, 1, false)]
    [InlineData(9, 1, false, 1, true)]
    [InlineData(6, 10, true, 10, false)]
    [InlineData(6, 10, false, 10, true)]
    public async Task Profile_WhoseTimeIsRunningOut_GivesWhatWasRead_AndWhetherThatIsAll(
        int seconds, int records, bool another, long read, bool whole)
    {
        await PutAsync("log/a.json", string.Join('\n', Enumerable.Repeat(Event, records)));
        if (another)
        {
            await PutAsync("log/b.json", Event);
        }

        FakeTimeProvider clock = new();
        using var budget = CallBudget.Begin(clock, TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(seconds));

        var profile = await Explorer.ProfileAsync(There, new SourceScope(SourcePart.Events, null, 100), default);

        Assert.Equal((read, 1, whole), (profile.Records, profile.Files, profile.Whole));
    }

    [Fact]
    public async Task Prefix_WithObjectsWithoutAnEnding_LooksIntoThoseOnly_AndKeepsTheOrder()
    {
        var large = $"{Event}\n{new string(' ', 100_000)}";
        await Parallel.ForEachAsync(Enumerable.Range(0, 60), async (n, _) => await PutAsync(
            $"log/{n:D2}{(n % 2 == 0 ? ".json" : "")}", n % 6 == 5 ? "Logs of November." : large));
        await PutAsync("log/_SUCCESS", "");
        await PutAsync("log/done", "");
        var before = _simulator.S3Totals.GetValueOrDefault("GetObject") ?? new(0, 0);
        LeftOutTally leftOut = new();
        List<string> names = [];

        await foreach (var file in (await OpenAsync("s3://music/log", "s3://music/song")).ListAsync(SourcePart.Events, default, leftOut))
        {
            names.Add(file.Name);
        }

        Assert.Equal(
            Enumerable.Range(0, 60).Where(static n => n % 6 != 5).Select(static n => $"{n:D2}{(n % 2 == 0 ? ".json" : "")}"), names);
        Assert.Equal(
            [
                new LeftOut(LeftOutReason.Hidden, 1, "_SUCCESS"), new LeftOut(LeftOutReason.Unrecognised, 10, "05"),
                new LeftOut(LeftOutReason.Empty, 1, "done"),
            ], leftOut.Found);
        var after = _simulator.S3Totals["GetObject"];
        Assert.Equal(30, after.Requests - before.Requests);
        Assert.InRange(after.Bytes - before.Bytes, 1, 30 * 512);
    }

    [Fact]
    public async Task Prefix_ListingGivenUpEarly_LeavesNothingBehind()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), async (n, _) => await PutAsync($"log/{n:D2}", Event));

        await foreach (var file in (await OpenAsync("s3://music/log", "s3://music/song")).ListAsync(SourcePart.Events, default))
        {
            Assert.Equal("00", file.Name);
            break;
        }

        Assert.Equal(40, (await ListAsync(await OpenAsync("s3://music/log", "s3://music/song"))).Count);
    }

    [Fact]
    public async Task Test_OfASourceOfSeveralPages_CountsAllAndShowsTheFirstRecords()
    {
        await PutAsync("log/1.json", Event);
        await Parallel.ForEachAsync(Enumerable.Range(0, 1203), async (n, _) => await PutAsync($"song/{n:D4}.json", Song));
        await PutAsync("paths.json", JsonPaths("artist", "$['artist']"));

        var report = await Sources().TestAsync(Spec("s3://music/log/", "s3://music/song", "s3://music/paths.json"), default);

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Equal((1203, 1203L * Song.Length), (report.Songs.Files, report.Songs.Bytes));
        Assert.Equal(Enumerable.Repeat(Song, 5), report.Songs.Records);
        Assert.Equal([Event], report.Events.Records);
    }

    [Fact]
    public async Task Bucket_InAnotherRegion_IsFoundByItself()
    {
        _simulator.CreateBucket("far", "eu-central-1");
        var far = await _door.Aws.ForAsync(new AwsPlace("eu-central-1", Simulated: true), default);
        await far.S3.PutAsync("far", "log/1.json", Stream(Event), default);
        var regions = new Regions(_door.Aws);

        var source = await SourcesOf(regions).OpenAsync(Spec("s3://far/log", "s3://music/song"), null, default);

        Assert.Equal("1.json", Assert.Single(await ListAsync(source)).Name);
        Assert.Equal("eu-central-1", regions.Asked[^1]);
    }

    [Fact]
    public async Task Prefix_WithKeysThatNoXmlCanHold_ListsAndOpensThem()
    {
        foreach (var key in (string[])["log/a\u0001b.json", "log/c d+e.json", "log/ü&<.json"])
        {
            await PutAsync(key, Event);
        }

        var source = await OpenAsync("s3://music/log", "s3://music/song");
        var files = await ListAsync(source);

        Assert.Equal(["a\u0001b.json", "c d+e.json", "ü&<.json"], files.Select(static f => f.Name));
        foreach (var file in files)
        {
            await using var content = await source.OpenAsync(SourcePart.Events, file, 0, default);
            Assert.Equal(Event, await new StreamReader(content).ReadToEndAsync());
        }
    }

    [Fact]
    public async Task Location_OfOneObject_ListsAndOpensThatObject()
    {
        await PutAsync("log/a.json", Event);
        await PutAsync("log/a.json.bak/b.json", Event);
        var source = await OpenAsync("s3://music/log/a.json", "s3://music/song");

        var file = Assert.Single(await ListAsync(source));
        await using var content = await source.OpenAsync(SourcePart.Events, file, 0, default);

        Assert.Equal(("a.json", "s3://music/log/a.json"), (file.Name, source.Location(SourcePart.Events)));
        Assert.Equal(Event, await new StreamReader(content).ReadToEndAsync());
        Assert.Contains("There is no object 's3://music/log/none.json'", await RefusalAsync(
            await OpenAsync("s3://music/log/none.json", "s3://music/song")), StringComparison.Ordinal);
    }

    [Fact]
    public void Object_ThatIsArchived_IsToldWithItsRemedy() => Assert.Contains(
        "is archived (a Glacier storage class), so it cannot be read. Restore it",
        S3Problems.Sentence(
            new AwsException(AwsFault.Denied, "no") { Operation = "GetObject", Code = "InvalidObjectState" }, "events object", S3Path.Parse(
                "s3://music/a.json", "events")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("s3://no-such-bucket/log", null, "there is no bucket named 'no-such-bucket'")]
    [InlineData("s3://music/none", null, "'s3://music/none/' holds no data: it is empty")]
    [InlineData("s3://music/text", null, "nothing but 1 file with another ending ('notes.txt')")]
    [InlineData(
        "s3://music/log", "ListObjectsV2",
        "may not be listed with the AWS credentials in use: they lack s3:ListBucket on arn:aws:s3:::music")]
    [InlineData(
        "s3://music/log", "GetObject",
        "may not be read with the AWS credentials in use: they lack s3:GetObject on arn:aws:s3:::music/log/1.json")]
    public async Task Test_OfWhatCannotBeRead_SaysWhyAndWhatToDo(string events, string? denied, string sentence)
    {
        await PutAsync("log/1.json", Event);
        await PutAsync("text/notes.txt", "hello");
        await PutAsync("song/1.json", Song);
        if (denied is not null)
        {
            _simulator.Faults.Deny(denied);
        }

        var report = await Sources().TestAsync(Spec(events, "s3://music/song"), default);

        Assert.Contains(sentence, report.Events.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfAMissingJsonPathsObject_SaysSo()
    {
        await PutAsync("log/1.json", Event);
        await PutAsync("song/1.json", Song);

        var report = await Sources().TestAsync(Spec("s3://music/log", "s3://music/song", "s3://music/paths.json"), default);

        Assert.Contains("The JSONPaths file 's3://music/paths.json' does not exist", report.JsonPathsProblem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3://music/all", "s3://music/all", "Events and songs are both at 's3://music/all/'")]
    [InlineData("s3://music/all", "s3://music/all/song", "is inside the events location")]
    [InlineData("s3://music", "s3://music/song", "is inside the events location")]
    public async Task Prefixes_ThatOverlap_AreRefused(string events, string songs, string sentence)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => OpenAsync(events, songs));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefixes_ThatShareABeginning_AreTwo() => Assert.NotNull(await OpenAsync("s3://music/log", "s3://music/log_song"));

    [Fact]
    public async Task Parts_MayBeInDifferentPlaces()
    {
        await PutAsync("log/1.json", Event);
        File("songs/1.json", Song);

        var source = await OpenAsync("s3://music/log", $"{Root}/songs");

        Assert.Equal("1.json", Assert.Single(await ListAsync(source)).Name);
        Assert.Equal("1.json", Assert.Single(await ListAsync(source, SourcePart.Songs)).Name);
        Assert.Equal((true, false), (source.IsRemote(SourcePart.Events), source.IsRemote(SourcePart.Songs)));
    }

    [Fact]
    public async Task Download_ThatBreaksInTheMiddle_GoesOnWhereItStopped()
    {
        var content = string.Concat(Enumerable.Range(0, 5000).Select(n => $$"""{"n":{{n}}}""" + "\n"));
        await PutAsync("log/1.json", content);
        var fragile = new FragileAws(_door.Aws, breakAfter: 10_000);
        var source = await SourcesOf(fragile).OpenAsync(Spec("s3://music/log", "s3://music/song"), null, default);
        var file = Assert.Single(await ListAsync(source));

        await using var stream = await source.OpenAsync(SourcePart.Events, file, 7, default);
        using var reader = new StreamReader(stream, Encoding.UTF8);

        Assert.Equal(content[7..], await reader.ReadToEndAsync());
        Assert.Equal((content.Length - 7 + 9_999) / 10_000, fragile.Opened);
    }

    [Fact]
    public async Task Download_OfAnObjectWrittenAnewMeanwhile_IsRefused()
    {
        await PutAsync("log/1.json", Event);
        var source = await OpenAsync("s3://music/log", "s3://music/song");
        var file = Assert.Single(await ListAsync(source));
        await PutAsync("log/1.json", Event + "\n" + Event);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 0, default));

        Assert.Contains("'s3://music/log/1.json' was written anew since the source was listed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_OfAnObjectDeletedMeanwhile_IsASentence()
    {
        await PutAsync("log/1.json", Event);
        var source = await OpenAsync("s3://music/log", "s3://music/song");
        var file = Assert.Single(await ListAsync(source));
        await S3.DeleteAsync("music", "log/1.json", default);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 0, default));

        Assert.Contains(
            "The events object 's3://music/log/1.json' does not exist, or not any more", refusal.Message, StringComparison.Ordinal);
    }

    [PythonFact("moto.server")]
    public async Task Source_OnAnotherS3_IsReadTheSame()
    {
        await using var moto = await MotoServer.StartAsync();
        using var door = new AwsTestClients(moto.Url, "us-east-1", "any", "any", retries: 1);
        using var http = new HttpClient();
        (await http.PutAsync(new Uri(moto.Url, "music"), null)).EnsureSuccessStatusCode();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 1005), async (n, ct) => await door.Clients.S3.PutAsync("music", $"song/{n:D4}.json", Stream(Song), ct));
        await door.Clients.S3.PutAsync("music", "log/1.json", Stream(Event), default);

        var report = await SourcesOf(door.Aws).TestAsync(Spec("s3://music/log", "s3://music/song"), default);
        var missing = await SourcesOf(door.Aws).TestAsync(Spec("s3://none-such/log", "s3://music/song"), default);

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Equal(1005, report.Songs.Files);
        Assert.Contains("there is no bucket named 'none-such'", missing.Events.Problem, StringComparison.Ordinal);
        var source = await SourcesOf(door.Aws).OpenAsync(Spec("s3://music/log", "s3://music/song"), null, default);
        var file = Assert.Single(await ListAsync(source));
        await using var tail = await source.OpenAsync(SourcePart.Events, file, Event.Length - 3, default);
        using var reader = new StreamReader(tail);
        Assert.Equal(Event[^3..], await reader.ReadToEndAsync());
        await door.Clients.S3.PutAsync("music", "log/1.json", Stream(Song), default);
        await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 0, default));
    }

    private static LocationSource Spec(string events, string songs, string? jsonPaths = null) =>
        new(events, songs, jsonPaths, Simulated: true);

    private Task<ISource> OpenAsync(string events, string songs, string? jsonPaths = null) =>
        Sources().OpenAsync(Spec(events, songs, jsonPaths), null, default);

    private Task PutAsync(string key, string content) => S3.PutAsync("music", key, Stream(content), default);

    private static MemoryStream Stream(string content) => new(Encoding.UTF8.GetBytes(content));

    /// <summary>Notes which regions are asked for.</summary>
    private sealed class Regions(IAws aws) : IAws
    {
        public List<string?> Asked { get; } = [];

        public ValueTask<AwsClients> ForAsync(AwsPlace place, CancellationToken ct)
        {
            Asked.Add(place.Region);
            return aws.ForAsync(place, ct);
        }
    }
}
