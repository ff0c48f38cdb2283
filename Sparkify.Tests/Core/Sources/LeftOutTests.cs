using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Tests.Core.Sources;

/// <summary>What is at a location and is no file a load reads.</summary>
public sealed class LeftOutTests : SourcesFixture
{
    [Fact]
    public async Task Folder_Listed_ReadsEveryWayJsonFilesAreNamed_AndCountsTheRest()
    {
        foreach (var name in (string[])["a.json", "b.JSONL", "c.ndjson", "d.json.gz", "e.jsonl.gz", "f.ndjson.GZ"])
        {
            File($"events/{name}", name.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? Gzip(Event) : Encoding.UTF8.GetBytes(Event));
        }

        foreach (var name in (string[])["notes.txt", "a.json.bak", "a.json.gz.part", ".hidden.json", "_temporary/1.json"])
        {
            File($"events/{name}", Event);
        }

        LeftOutTally leftOut = new();
        List<string> names = [];
        await foreach (var file in (await OpenAsync()).ListAsync(SourcePart.Events, default, leftOut))
        {
            names.Add(file.Name);
        }

        Assert.Equal(["a.json", "b.JSONL", "c.ndjson", "d.json.gz", "e.jsonl.gz", "f.ndjson.GZ"], names);
        Assert.Equal([(LeftOutReason.Ending, 3L), (LeftOutReason.Hidden, 2L)], leftOut.Found.Select(static o => (o.Reason, o.Count)));
        Assert.True(leftOut.MayBeMissed);
        Assert.Matches(@"^3 files with other endings \(such as '[^']+'\) and 2 that are hidden \(such as '[^']+'\)$", leftOut.ToString());
    }

    [Fact]
    public async Task Folder_WithFilesWithoutAnEnding_ReadsThoseThatBeginAsDataDo()
    {
        File("events/part-00000", Event);
        File("events/part-00001", Gzip(Event));
        File("events/part-00002", $"\uFEFF\r\n  {Event}");
        File("events/part-00003", $"[\n  {Event}\n]");
        File("events/_SUCCESS", "");
        File("events/_committed_1", """{"added":[],"removed":[]}""");
        File("events/done", "");
        File("events/README", "Logs of November.");
        File("events/config", "[core]\nbare = false");
        File("events/binary", [0x1F, 0x8B, 0x00, 0x01]);
        File("events/part-00004.c000", Event);
        await RunAsync("mkfifo", Path.Combine(Root, "events/pipe"));
        await RunAsync("ln", "-s", Path.Combine(Root, "nowhere"), Path.Combine(Root, "events/broken"));
        await RunAsync("ln", "-s", File("elsewhere", Event), Path.Combine(Root, "events/link"));
        LeftOutTally leftOut = new();
        List<string> names = [];

        await foreach (var file in (await OpenAsync()).ListAsync(SourcePart.Events, default, leftOut))
        {
            names.Add(file.Name);
        }

        Assert.Equal(["link", "part-00000", "part-00001", "part-00002", "part-00003"], names);
        Assert.Equal(
            [
                (LeftOutReason.Ending, 1L), (LeftOutReason.Special, 1L), (LeftOutReason.Hidden, 2L), (LeftOutReason.Unrecognised, 3L),
                (LeftOutReason.Unreadable, 1L), (LeftOutReason.Empty, 1L),
            ],
            leftOut.Found.Select(static o => (o.Reason, o.Count)));
        Assert.Contains("3 without an ending that are neither JSON nor gzip (such as '", leftOut.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 without an ending that is empty ('done')", leftOut.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_WithoutAnEnding_AsTheLocation_IsReadWhenItIsJson()
    {
        File("songs/1.json", Song);
        var spec = new LocationSource(File("log", Event), $"{Root}/songs");
        Assert.True((await Sources().TestAsync(spec, default)).Good);

        File("log", "no JSON");
        Assert.Contains(
            "is a file without an ending that is neither JSON nor gzip", (await Sources().TestAsync(spec, default)).Events.Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_OfIntegralFloats_WarnsForRedshiftOnly()
    {
        File("events/a.json", """{"page":"Home","sessionId":"1.0","userId":"7.0","status":200.0,"itemInSession":"3e0","length":2.0,"ts":1541105830796.0}""");
        File("songs/a.json", Song.Replace("\"year\": 0", "\"year\": 1999.5", StringComparison.Ordinal));

        var report = await Sources().TestAsync(new LocationSource($"{Root}/events", $"{Root}/songs"), default);

        Assert.Empty(report.Events.Remarks);
        Assert.Equal(
            [
                "sessionId holds \"1.0\", an integral float as text: a local load takes it as 1, COPY on Redshift rejects the record. Write it without a decimal point, or as a number.",
                "itemInSession holds \"3e0\", an integral float as text: a local load takes it as 3, COPY on Redshift rejects the record. Write it without a decimal point, or as a number.",
            ],
            report.Events.OnRedshift);
        Assert.Empty(report.Songs.OnRedshift);
    }

    [Fact]
    public async Task Folder_WithAPipeThatLooksLikeData_LeavesItOutInsteadOfWaitingForever()
    {
        File("events/a.json", Event);
        File("songs/a.json", Song);
        await RunAsync("mkfifo", Path.Combine(Root, "events/b.json"));
        await RunAsync("ln", "-s", Path.Combine(Root, "events/b.json"), Path.Combine(Root, "songs/link.json"));

        var report = await Sources().TestAsync(new LocationSource($"{Root}/events", $"{Root}/songs"), default)
            .WaitAsync(TimeSpan.FromSeconds(30));

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Equal([new LeftOut(LeftOutReason.Special, 1, "b.json")], report.Events.LeftOut);
        Assert.Equal([new LeftOut(LeftOutReason.Special, 1, "link.json")], report.Songs.LeftOut);

        report = await Sources().TestAsync(new LocationSource($"{Root}/events/b.json", $"{Root}/songs"), default)
            .WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Contains("is a pipe, a socket or a device", report.Events.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_WithANameThatIsNoUtf8_NamesIt()
    {
        File("events/a.json", Event);
        await RunAsync("bash", "-c", $"printf '%s' '{{}}' > '{Root}/events/'$'caf\\xe9.json'");
        try
        {
            Assert.Contains("caf\uFFFD.json' has a name that is no UTF-8", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);
        }
        finally
        {
            await RunAsync("rm", "-r", $"{Root}/events"); // .NET cannot
        }
    }

    [Fact]
    public async Task Test_OfRecordsWhoseFieldsAreNamedOtherwise_SaysWhichAreMissed()
    {
        File("events/a.json", """{"event":"NextSong","timestamp":1541105830796,"sessionId":1}""");
        File("songs/1.json", Song);
        var spec = new LocationSource($"{Root}/events", $"{Root}/songs");

        var report = await Sources().TestAsync(spec, default);

        Assert.Equal(["The first record has no field page, no ts: named otherwise? A JSONPaths file says how."], report.Events.Remarks);
        Assert.Equal(["The first record has no field artist_name: named otherwise?"], report.Songs.Remarks);

        // Said how, nothing is missed.
        var paths = RecordRules.TableOf(SourcePart.Events).Columns
            .Select(static c => c.JsonKey switch { "page" => "$.event", "ts" => "$.timestamp", var key => $"$.{key}" });
        File("paths.json", System.Text.Json.JsonSerializer.Serialize(new { jsonpaths = paths }));
        Assert.Empty((await Sources().TestAsync(spec with { JsonPaths = $"{Root}/paths.json" }, default)).Events.Remarks);
    }

    [Fact]
    public async Task Test_OneBrokenFileAmongGoodOnes_IsARemark_AndAllBrokenIsAProblem()
    {
        File("events/a.json", Event);
        File("songs/1.json", "not json");
        File("songs/2.json", Song);
        var spec = new LocationSource($"{Root}/events", $"{Root}/songs");

        var report = await Sources().TestAsync(spec, default);

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Contains("'1.json' holds no JSON object", report.Songs.Remarks[0], StringComparison.Ordinal);

        File("songs/2.json", "[]");
        report = await Sources().TestAsync(spec, default);
        Assert.Contains("'1.json' holds no JSON object", report.Songs.Problem, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte[], string> Foreign => new()
    {
        { "Parquet", [.. "PAR1"u8, 0x15, 0x04, 0x15, 0x10], "is a Parquet file" },
        { "Avro", [.. "Obj"u8, 1, 4, 0x16, 0x61, 0x76], "is an Avro file" },
        { "ZIP", [0x50, 0x4B, 3, 4, 20, 0, 0, 0], "is a ZIP archive" },
        { "zstd", [0x28, 0xB5, 0x2F, 0xFD, 4, 0, 0, 0], "is compressed with zstd" },
        { "bzip2", [.. "BZh91AY&"u8], "is compressed with bzip2" },
        { "UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Event)], "is text in UTF-16" },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes(Event), "is text in UTF-16" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task Test_OfWhatOnlyCallsItselfJson_SaysWhatItIs(string form, byte[] content, string sentence)
    {
        Assert.NotEmpty(form);
        File("events/a.json", content);
        File("songs/a.json", Song);

        var report = await Sources().TestAsync(new LocationSource($"{Root}/events", $"{Root}/songs"), default);

        Assert.Contains($"'a.json' {sentence}, whatever its name says", report.Events.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explorer_OfGzipUnderAPlainName_ShowsItsRecords()
    {
        File("events/a.json", Gzip(Event + "\n" + Event));
        File("songs/a.json", Song);
        var explorer = new SourceExplorer(Sources(), Options.Create(new RecordOptions()));

        var records = await explorer.RecordsAsync(
            new LocationSource($"{Root}/events", $"{Root}/songs"), SourcePart.Events, "a.json", skip: 0, most: 10, default);

        Assert.Equal([Event, Event], records.Records.Select(static r => r.Text));
    }

    [Fact]
    public void Clean_OfNoLocation_IsEmpty() => Assert.Equal("", LocationText.Clean(null));

    [Theory]
    [InlineData("s3://b/log/", "s3://b/log/")]
    [InlineData(" \"S3://b/log\" ", "s3://b/log")]
    [InlineData("\u00A0“s3a://b/log”\uFEFF", "s3://b/log")]
    [InlineData("s3n://b/log", "s3://b/log")]
    [InlineData("arn:aws:s3:::b/log/a.json", "s3://b/log/a.json")]
    [InlineData("arn:aws-cn:s3:::b", "s3://b")]
    [InlineData("https://b.s3.us-west-2.amazonaws.com/log_data/2018/", "s3://b/log_data/2018/")]
    [InlineData("https://my.dotted.b.s3.amazonaws.com/log%20data/", "s3://my.dotted.b/log data/")]
    [InlineData("https://s3.us-west-2.amazonaws.com/b/log/", "s3://b/log/")]
    [InlineData("https://s3-us-west-2.amazonaws.com/b/log/", "s3://b/log/")]
    [InlineData(
        "https://us-west-2.console.aws.amazon.com/s3/buckets/b?region=us-west-2&prefix=log_data/&showversions=false", "s3://b/log_data/")]
    [InlineData("file:///data/log%20data", "/data/log data")]
    [InlineData("'/data/log'", "/data/log")]
    [InlineData("https://example.com/log", "https://example.com/log")]
    [InlineData("gs://b/log", "gs://b/log")]
    public void Location_AsPeopleWriteIt_IsUnderstood(string typed, string meant)
    {
        var source = new LocationSource(typed, typed, typed);

        Assert.Equal((meant, meant, meant), (source.Events, source.Songs, source.JsonPaths));
    }

    [Fact]
    public async Task Location_OfAnotherStore_IsRefusedInWords() => Assert.Contains(
        "'gs://b/log' is nowhere Sparkify reads from", (await Assert.ThrowsAsync<SparkifyException>(
            () =>
                Sources().OpenAsync(new LocationSource("gs://b/log", $"{Root}/songs"), null, default))).Message, StringComparison.Ordinal);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
