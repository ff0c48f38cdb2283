using System.Text;
using Sparkify.Core.Sources;

namespace Sparkify.Tests.Core.Sources;

public sealed class SourceTestTests : SourcesFixture
{
    private Task<SourceReport> TestAsync(string? jsonPaths = null) =>
        Sources().TestAsync(new LocationSource($"{Root}/events", $"{Root}/songs", jsonPaths), default);

    private async Task<SourcePartReport> EventsAsync(string content) => await EventsAsync(Encoding.UTF8.GetBytes(content), "1.json");

    private async Task<SourcePartReport> EventsAsync(byte[] content, string name)
    {
        File($"events/{name}", content);
        File("songs/1.json", Song);
        return (await TestAsync()).Events;
    }

    [Fact]
    public async Task Source_ThatIsRight_IsCountedAndShown()
    {
        File("events/1.json", string.Join('\n', Enumerable.Repeat(Event, 7)));
        File("events/2.json", Event);
        for (var i = 0; i < 8; i++)
        {
            File($"songs/A/{i}.json", Song);
        }

        var report = await TestAsync(File("paths.json", JsonPaths("page", "$['what']")));

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Equal((2, (Event.Length * 8) + 6, false), (report.Events.Files, report.Events.Bytes, report.Events.More));
        Assert.Equal(Enumerable.Repeat(Event, 5), report.Events.Records);
        Assert.Equal(8, report.Songs.Files);
        Assert.Equal(Enumerable.Repeat(Song, 5), report.Songs.Records);
    }

    [Theory]
    [InlineData("\uFEFF{\"a\":1}\r\n\r\n{\"b\":2}\r\n")]
    [InlineData("{\"a\":1}{\"b\":2}")]
    [InlineData("\n\n  {\"a\":1}\t{\"b\":2}  ")]
    public async Task Preview_OfAnyWhiteSpace_ShowsTheRecords(string content)
    {
        var report = await EventsAsync(content);

        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], report.Records);
        Assert.Null(report.Problem);
    }

    [Fact]
    public async Task Preview_OfARecordOverSeveralLines_ShowsItWhole()
    {
        var report = await EventsAsync("{\n \"a\": {\"b\": [1,\n2]}\n}\n");

        Assert.Equal(["{\n \"a\": {\"b\": [1,\n2]}\n}"], report.Records);
    }

    [Fact]
    public async Task Preview_WithBrokenLines_ShowsThemAndIsNoProblem()
    {
        var report = await EventsAsync("{\"a\":1,}\nplain text\n{\"b\":2}\n{\"c\":");

        Assert.Equal(["{\"a\":1,}", "plain text", "{\"b\":2}", "{\"c\":"], report.Records);
        Assert.Null(report.Problem);
    }

    [Fact]
    public async Task Preview_WithoutAnyObject_IsAProblem()
    {
        var report = await EventsAsync("one,two\n1,2\n");

        Assert.Equal(["one,two", "1,2"], report.Records);
        Assert.Equal("'1.json' holds no JSON object. Records have to be JSON objects, one after another.", report.Problem);
    }

    [Fact]
    public async Task Preview_OfAnArray_SaysThatItIsOne()
    {
        var report = await EventsAsync("[\n{\"a\":1},\n{\"b\":2}\n]");

        Assert.Contains("'1.json' is one JSON array", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfLongRecords_IsCut()
    {
        var report = await EventsAsync($"{{\"a\":\"{new string('é', 5000)}\"}}\n{{\"b\":\"{new string('x', 400_000)}\"}}");

        Assert.Null(report.Problem);
        Assert.Equal(2, report.Records.Count);
        Assert.All(report.Records, r => Assert.Equal(2000, r.Length));
        Assert.EndsWith("é…", report.Records[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfAFileWithoutObjectsInItsHead_SaysHowFarItLooked()
    {
        var report = await EventsAsync(string.Concat(Enumerable.Repeat("nothing here\n", 30_000)) + Event);

        Assert.Contains("The first 256 KiB of '1.json' holds no JSON object", report.Problem, StringComparison.Ordinal);
        Assert.Equal(5, report.Records.Count);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60_000)]
    public async Task Preview_OfGzip_ShowsTheRecords(int records)
    {
        // Random digits do not pack well, so that the bigger file's head ends in the middle of it.
        var random = new Random(1);
        var content = string.Join('\n', Enumerable.Range(0, records).Select(_ => $$"""{"page":"{{random.NextInt64():x}}{{random.NextInt64():x}}"}"""));

        var report = await EventsAsync(Gzip(content), "1.json.gz");

        Assert.Null(report.Problem);
        Assert.Equal(content.Split('\n').Take(5), report.Records);
    }

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("x")]
    public async Task Preview_OfAGzipNameOnPlainText_SaysSo(string content)
    {
        var report = await EventsAsync(Encoding.UTF8.GetBytes(content), "1.json.gz");

        Assert.Equal(
            "'1.json.gz' ends in .gz but is no gzip, or is damaged. Compress it again, or take the .gz off its name.", report.Problem);
    }

    [Fact]
    public async Task Preview_WithEmptyFilesFirst_ComesFromTheFirstFileWithRecords()
    {
        File("events/0.json", "");
        var report = await EventsAsync(Event);

        Assert.Equal([Event], report.Records);
        Assert.Equal(2, report.Files);
    }

    [Fact]
    public async Task Source_OfEmptyFilesOnly_IsAProblem()
    {
        var report = await EventsAsync("");

        Assert.Contains("Every file at", report.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Locations_Swapped_AreRecognised()
    {
        File("events/1.json", Song);
        File("songs/1.json", Event);

        var report = await TestAsync();

        Assert.False(report.Good);
        Assert.Contains("The two locations are swapped", Assert.Single(report.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Song)]
    [InlineData("""{"SONG_ID":"SO1","Artist_Id":"AR1"}""")]
    public async Task EventsLocation_WithSongs_IsRecognised(string song)
    {
        File("events/1.json", song);
        File("songs/1.json", Song);

        Assert.Contains("holds song records", Assert.Single((await TestAsync()).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_WithProblemsEverywhere_ReportsThemAll()
    {
        File("songs/readme.txt", "1");

        var report = await TestAsync($"{Root}/paths.json");

        Assert.Equal(3, report.Problems.Count);
        Assert.Null(report.Events.Files);
        Assert.Contains("does not exist", report.Events.Problem, StringComparison.Ordinal);
        Assert.Contains("readme.txt", report.Songs.Problem, StringComparison.Ordinal);
        Assert.Contains("paths.json' does not exist", report.JsonPathsProblem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Location_OnS3WithoutCredentials_IsReportedWhereItBelongs()
    {
        File("events/1.json", Event);

        var report = await Sources().TestAsync(new LocationSource($"{Root}/events", "s3://bucket/songs"), default);

        Assert.Null(report.Events.Problem);
        Assert.Equal("s3://bucket/songs/", report.Songs.Location);
        Assert.Contains("There are no usable AWS credentials", report.Songs.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"jsonpaths":["$['artist']"]}""", "it has 1 paths, but staging_events has 18 columns")]
    [InlineData("""{"jsonpaths":["$['artist'].*"]}""", "wildcards and filters are not supported")]
    public async Task JsonPaths_ALoadWouldRefuse_AreRefused(string content, string sentence)
    {
        File("events/1.json", Event);
        File("songs/1.json", Song);

        Assert.Contains(sentence, (await TestAsync(File("paths.json", content))).JsonPathsProblem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "holds no JSON object")]
    [InlineData("{}", "has no keys")]
    [InlineData("""{"jsonpaths":["$"],"more":1}""", "has the keys jsonpaths, more")]
    [InlineData("""{"jsonpaths":[]}""", "holds no list of paths")]
    [InlineData("""{"jsonpaths":"$"}""", "holds no list of paths")]
    [InlineData("""{"jsonpaths":["$['a']", 2]}""", "path number 2 is no text")]
    [InlineData("{\n\"jsonpaths\":[", "is not valid JSON (line 2)")]
    public async Task JsonPaths_Wrong_SaysWhatIsRight(string content, string sentence)
    {
        File("events/1.json", Event);
        File("songs/1.json", Song);

        var problem = (await TestAsync(File("paths.json", content))).JsonPathsProblem;

        Assert.Contains(sentence, problem, StringComparison.Ordinal);
        Assert.Contains("single key \"jsonpaths\"", problem, StringComparison.Ordinal);
    }
}
