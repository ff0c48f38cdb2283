using System.Text;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;
using Sparkify.Tests.Core.Pipeline.Staging;

namespace Sparkify.Tests.Core.Sources;

/// <summary>
/// What is said of a source before a load is what the load does: each file goes through explorer, source test and stager.
/// </summary>
public sealed class RecordRulesTests(StagingDatabase database) : SourcesFixture, IClassFixture<StagingDatabase>
{
    private static readonly Dictionary<string, byte[]> Files = new(StringComparer.Ordinal)
    {
        ["keys in other cases"] = Text("""{"FIRSTNAME":"Ann","Page":"Home","sessionid":1} {"firstName":"Bo","FirstName":"no","PAGE":"x"}"""),
        ["keys with escapes"] = Text("""{"p\u0061ge":"Home","\udfff":1,"t\u0073":0}"""),
        ["keys twice"] = Text("""{"page":"a","page":"b","more":1,"more":2,"status":"x","status":200}"""),
        ["61 levels"] = Nested(61),
        ["65 levels"] = Nested(65),
        ["130 levels"] = Nested(130),
        ["257 levels"] = Nested(257),
        ["512 levels"] = Nested(RecordLimits.MaxDepth),
        ["513 levels"] = Nested(RecordLimits.MaxDepth + 1),
        ["513 levels below a path"] = Nested(RecordLimits.MaxDepth + 1, "who"),
        ["a byte order mark"] = Text("\uFEFF{\"page\":\"a\"}\r\n\r\n{\"page\":\"b\"}\r\n"),
        ["a byte order mark on a later line"] = Text("{\"page\":\"a\"}\n\uFEFF{\"page\":\"b\"}\n"),
        ["half a byte order mark"] = [0xEF, 0xBB, .. "{\"page\":\"a\"}"u8],
        ["no space between"] = Text("""{"page":"a"}{"page":"b"}{"page":"c"}"""),
        ["an array"] = Text("""[{"page":"a"},{"page":"b"}]"""),
        ["an array over lines"] = Text("[\n{\"page\":\"a\"},\n{\"page\":\"b\"}\n]\n"),
        ["an array, pretty"] = Text("\uFEFF [\n  {\n    \"page\": \"a\"\n  },\n  {\n    \"page\": 1,\n    \"status\": \"x\"\n  }\n]\n"),
        ["a long array"] = Text($"[{string.Join(',', Enumerable.Repeat("{\"page\":\"a\"}", 700))}]"),
        ["an array of nothing"] = Text("[\n]\n"),
        ["commas"] = Text("{\"page\":\"a\"},\n{\"page\":\"b\"},\n"),
        ["arrays as records"] = Text("[1,2]\n[]\n{\"page\":\"a\"}"),
        ["garbage behind"] = Text("{\"page\":\"a\"} garbage {\"page\":\"lost\"}\n{\"page\":\"b\"}} {\"page\":\"lost\"}\n{\"page\":\"c\"}"),
        ["scalars"] = Text("1\n\"page\"\ntrue null\n{\"page\":\"a\"}"),
        ["zero bytes"] = Text("{\"page\":\"a\"}\0\n\0{\"page\":\"lost\"}\n{\"page\":\"b\0\"}\n{\"page\":\"c\"}\n\0"),
        ["zero escapes"] = Text("""{"page":"a\u0000"} {"other":"a\u0000"} {"page":"b"}"""),
        ["half surrogate pairs"] = Text("""{"page":"\ud800"} {"other":"\ud800"} {"page":"b"}"""),
        ["escapes that are none"] = Text("{\"page\":\"\\x\"}\n{\"page\":\"\\u12g4\"}\n{\"page\":\"c\"}"),
        ["control characters"] = Text("{\"page\":\"a\tb\"}\n{\"page\":\"c\u0001\"}\n{\"page\":\"d\"}"),
        ["bytes that are no UTF-8"] =
        [
            .. "{\"page\":\""u8, 0xFF, .. "\",\"song\":[\""u8, 0xFE, .. "\"]}\n{\"other\":\""u8, 0xC3, .. "\"}\n{\""u8, 0xC3,
            .. "\":1}\n{\"page\":\"good\"}"u8,
        ],
        ["carriage returns alone"] = Text("{\"page\":\"a\"}\r{\"page\":\"b\"}\rbad\r{\"page\":\"lost\"}"),
        ["half a record at the end"] = Text("{\"page\":\"a\"}\n{\"page\":\"b\",\"song\":{\"x\":"),
        ["half a text at the end"] = Text("{\"page\":\"a\"}\n{\"page\":\"b"),
        ["a record cut by the next line"] = Text("{\"page\":\"a\",\n{\"page\":\"b\"}\n{\"page\":\"c\"}"),
        ["a bad record over lines"] = Text("{\"page\":oops,\n \"song\":{}} {\"page\":\"b\"}\n{\"page\":\"c\"}"),
        ["a bad record before a good one on its line"] = Text("{\"page\":oops} {\"page\":\"b\"}\n{\"page\":1,} {\"page\":\"c\"}"),
        ["numbers"] = Text("""
            {"status":5.0} {"status":5.5} {"status":2147483648} {"status":""} {"status":true} {"status":01}
            {"sessionId":2147483648} {"sessionId":9223372036854775808} {"length":1e400} {"length":"1,5"} {"length":"NaN"}
            {"ts":1e20} {"ts":"soon"} {"ts":" 1"}
            """),
        ["texts that are too long"] = Text($$"""
            {"gender":"{{new string('x', 16)}}"} {"gender":"{{new string('x', 17)}}"} {"gender":"日本語日本語"} {"gender":{"a":[1,2,3,4,5,6]} }
            """),
        ["a bad value and an unknown key"] = Text("""{"status":"x","new":1} {"status":1,"new":1} {"new":1}"""),
        ["a long bad line"] = Text($"{new string('x', 300_000)}\n{{\"page\":\"a\"}}"),
        ["a long record"] = Text($$"""{"page":"a","more":"{{new string('x', 300_000)}}"} {"page":"b"}"""),
        ["a record of 4 MB and one larger"] = Text($$"""
            {"x":"{{new string('x', RecordLimits.MaxBytes - 8)}}"}
            {"x":"{{new string('x', RecordLimits.MaxBytes - 7)}}"}
            {"page":"a"}
            """),
        ["a record without end"] = Text("{\"x\":\"" + new string('x', 5_000_000)),
        ["nothing"] = [],
        ["white space"] = Text(" \r\n\t\n"),
        ["many unknown keys"] = Text($"{{{string.Join(',', Enumerable.Range(0, 150).Select(n => $"\"k{n:D3}\":1"))}}}"),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task File_MatchedByName_IsJudgedAsItIsLoaded(string file) => await SameAsync(Files[file], null);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task File_MatchedByPaths_IsJudgedAsItIsLoaded(string file) =>
        await SameAsync(Files[file], JsonPaths("firstName", "$['who']['first'][2]"));

    [Theory]
    [InlineData("$['who']['first']")]
    [InlineData("$['who']['level'][1]")]
    [InlineData("$.who.level[0]")]
    [InlineData("$.levels[1]")]
    [InlineData("$.who")]
    [InlineData("$['first.name']")]
    [InlineData("$.page")]
    public async Task Paths_OfEveryKind_FindWhatTheLoadFinds(string path) => await SameAsync(
        Text("""
            {"who":{"first":"Ann","level":[1,"paid"]},"firstName":"Bo","levels":["free","paid"],"first.name":"Cy","page":"Home","level":"free"}
            {"who":{"first":"Ann"},"FIRSTNAME":"no","levels":["free"],"first":{"name":"no"},"PAGE":"no"}
            {"who":null,"levels":null,"page":{"deep":1}}
            {"who":{"level":[1]},"page":"a page whose name is longer than the sixty-four bytes that its column takes"}
            {"who":7,"levels":[]}
            """), JsonPaths("firstName", path));

    [Fact]
    public async Task Texts_ThatALoadIsToCut_FitAsTheyAreLoaded() =>
        await SameAsync(Files["texts that are too long"], null, new RecordOptions { TruncateColumns = true });

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Preview_ShowsTheFirstRecordsAsTheExplorerDoes(string file)
    {
        File("events/one.json", Files[file]);
        File("songs/one.json", Song);

        var report = await Sources().TestAsync(Spec(null), default);

        var explored = Files[file].Length == 0 ? [] : (await ExploreAsync(null, new RecordOptions())).Records;
        Assert.Equal(explored.Take(5).Select(r => Cut(r.Text)), report.Events.Records.Select(Cut));

        static string Cut(string text) => text.Length < 1999 ? text : text[..1999];
    }

    [Fact]
    public async Task File_ThatCanHoldNoRecord_IsRefusedByLoadExplorerAndPreviewInTheSameWords()
    {
        byte[] content = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("{\"page\":\"a\"}\n{\"page\":\"b\"}\n")];
        File("events/one.json", content);
        File("songs/one.json", Song);

        var staged = await Assert.ThrowsAsync<SparkifyException>(() => database.StageAsync(
            MemorySource.Of(content), new LoadOptions { BufferBytes = 4096 }, int.MaxValue, StarSchema.StagingEvents));
        var explored = await Assert.ThrowsAsync<SparkifyException>(() => ExploreAsync(null, new RecordOptions()));

        Assert.StartsWith("'one.json' is text in UTF-16", explored.Message, StringComparison.Ordinal);
        Assert.Equal(explored.Message, staged.Message);
        Assert.Equal(explored.Message, (await Sources().TestAsync(Spec(null), default)).Events.Problem);
    }

    private async Task SameAsync(byte[] content, string? paths, RecordOptions? options = null)
    {
        options ??= new RecordOptions();
        var staged = await database.StageAsync(
            MemorySource.Of(
                content, paths), new LoadOptions { BufferBytes = 4096 }, int.MaxValue, StarSchema.StagingEvents, options.TruncateColumns);
        File("events/one.json", content);

        var (records, profile) = await ExploreAsync(paths is null ? null : File("paths.json", paths), options);

        Assert.Equal(
            staged.Rejects.Where(r => r.Column is null).OrderBy(r => r.Offset).Select(r => (r.Line, r.Reason, Begin(r.Raw))),
            records.Where(r => r.Problem is not null).Select(r => (r.Line, r.Problem!, Begin(r.Text.Replace('\0', '\uFFFD')))));
        Assert.Equal(staged.Rejects.Count(r => r.Column is null), profile.Broken);
        Assert.Equal((staged.Result.Read, staged.Result.Read + staged.Result.FileRejects), (profile.Records, records.Count));
        Assert.Equal(Counts(staged.Result.UnknownKeys), Drift(DriftKind.Unknown));
        Assert.Equal(Counts(staged.Result.MissingKeys), Drift(DriftKind.Missing));
        var misfits = staged.Rejects.Where(r => r.Column is not null).CountBy(KeyOf).Select(c => KeyValuePair.Create(c.Key, (long)c.Value));
        Assert.Equal(Counts(misfits), Drift(DriftKind.Misfit));

        static string KeyOf(StagingReject reject) => StarSchema.StagingEvents.Columns.Single(c => c.Name == reject.Column).JsonKey;

        static string Begin(string text) => text[..Math.Min(text.Length, 100)];

        static string Counts(IEnumerable<KeyValuePair<string, long>> counts) =>
            string.Join(", ", counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}: {c.Value}"));

        string Drift(DriftKind kind) => Counts(profile.Drift.Where(d => d.Kind == kind).Select(d => KeyValuePair.Create(d.Key, d.Records)));
    }

    private async Task<(IReadOnlyList<SourceRecord> Records, SourceProfile Profile)> ExploreAsync(string? paths, RecordOptions options)
    {
        SourceExplorer explorer = new(Sources(), Options.Create(options));
        var records = await explorer.RecordsAsync(Spec(paths), SourcePart.Events, "one.json", 0, 1000, default);
        return (records.Records, await explorer.ProfileAsync(Spec(paths), new SourceScope(SourcePart.Events, "one.json", 1000), default));
    }

    private LocationSource Spec(string? paths) => new($"{Root}/events", $"{Root}/songs", paths);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    // The record itself is the first level.
    private static byte[] Nested(int levels, string key = "more") => Text(
        $"{{\"page\":\"a\",\"{key}\":{new string('[', levels - 1)}{new string(']', levels - 1)}}}\n{{\"page\":\"b\"}}");
}
