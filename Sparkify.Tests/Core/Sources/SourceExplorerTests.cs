using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Tests.Core.Sources;

public sealed class SourceExplorerTests : SourcesFixture
{
    private SourceExplorer Explorer => new(Sources(), Options.Create(new RecordOptions()));

    private LocationSource Spec => new(Path.Combine(Root, "events"), Path.Combine(Root, "songs"));

    [Fact]
    public async Task Files_OfAPart_AreListedInOrder()
    {
        File("events/b.json", Event);
        File("events/a/c.json.gz", Gzip(Event));
        File("songs/s.json", Song);

        var listing = await Explorer.FilesAsync(Spec, SourcePart.Events, default);

        Assert.Equal(["a/c.json.gz", "b.json"], listing.Files.Select(f => f.Name));
        Assert.False(listing.More);
    }

    [Fact]
    public async Task Records_ASecondPageOfAGzip_GoesOnWhereTheFirstEnded()
    {
        File("events/a.json.gz", Gzip(string.Join('\n', Enumerable.Range(1, 5).Select(i => $"{{\"n\":{i}}}"))));

        var first = await Explorer.RecordsAsync(Spec, SourcePart.Events, "a.json.gz", 0, 3, default);
        var second = await Explorer.RecordsAsync(Spec, SourcePart.Events, "a.json.gz", 3, 3, default);

        Assert.Equal([(1, 1, "{\"n\":1}"), (2, 2, "{\"n\":2}"), (3, 3, "{\"n\":3}")], first.Records.Select(
            r => ((int)r.Number, (int)r.Line, r.Text)));
        Assert.True(first.More);
        Assert.Equal(["{\"n\":4}", "{\"n\":5}"], second.Records.Select(r => r.Text));
        Assert.False(second.More);
    }

    [Fact]
    public async Task Lines_AroundOne_AreThoseOfTheFile_AlsoOfAGzip()
    {
        var text = string.Join("\r\n", Enumerable.Range(1, 9).Select(static i => $"line {i}"));
        File("events/a.json", text);
        File("events/b.json.gz", Gzip(text));

        foreach (var file in new[] { "a.json", "b.json.gz" })
        {
            var lines = await Explorer.LinesAsync(Spec, SourcePart.Events, file, 7, 12, default);
            Assert.Equal([(7, "line 7"), (8, "line 8"), (9, "line 9")], lines.Select(static l => ((int)l.Number, l.Text)));
        }

        Assert.Equal(1, (await Explorer.LinesAsync(Spec, SourcePart.Events, "a.json", -1, 1, default)).Single().Number);
    }

    [Fact]
    public async Task First_OfAllFiles_IsOneLineARecord_AsFarAsAsked()
    {
        File("events/a.json", "{\n  \"n\": 1\n}\n");
        File("events/b.json.gz", Gzip("{\"n\":2}\n{\"n\":3}\n"));
        List<string> records = [];

        await foreach (var record in Explorer.FirstAsync(Spec, SourcePart.Events, 2, default))
        {
            records.Add(record);
        }

        Assert.Equal(["{   \"n\": 1 }", "{\"n\":2}"], records);
    }

    [Theory]
    [InlineData("../secret.json")]
    [InlineData(".env")]
    [InlineData("gone.json")]
    public async Task Records_OfWhatIsNoFileOfTheSource_AreRefused(string file)
    {
        File("secret.json", "{}");
        File("events/.env", "KEY=1");
        File("events/a.json", Event);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => Explorer.RecordsAsync(Spec, SourcePart.Events, file, 0, 5, default));

        Assert.Equal(ProblemKind.NotFound, refusal.Kind);
    }

    [Fact]
    public async Task Records_GzipThatIsNone_IsASentence()
    {
        File("events/a.json.gz", Event);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => Explorer.RecordsAsync(Spec, SourcePart.Events, "a.json.gz", 0, 5, default));

        Assert.Contains("'a.json.gz' ends in .gz but is no gzip", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public async Task Profile_GzipThatStopsInTheMiddle_IsTheSentenceALoadWouldFailWith(double share)
    {
        var whole = Gzip(string.Join('\n', Enumerable.Range(1, 5000).Select(i => $"{{\"n\":{i},\"m\":\"{i * 7919 % 5003}\"}}")));
        File("events/a.json.gz", whole);
        Assert.Equal(5000, (await AllAsync()).Records);
        File("events/a.json.gz", whole[..(int)(whole.Length * share)]);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(AllAsync);

        Assert.Contains("'a.json.gz' ends in .gz but is no gzip, or is damaged", refusal.Message, StringComparison.Ordinal);

        Task<SourceProfile> AllAsync() => Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Events, null, 10_000), default);
    }

    [Fact]
    public async Task Profile_OfAPart_TellsPresenceKindsRangeAndTop()
    {
        File("songs/a.json", """{"song_id":"B","year":0,"extra":true} {"song_id":"A","year":1999.5,"title":null}""");
        File("songs/b.json", """{"song_id":"A","year":"soon"} nonsense""");

        var profile = await Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Songs, null, 1000), default);

        Assert.Equal((4, 2, 1, true), (profile.Records, profile.Files, profile.Broken, profile.Whole));
        var id = profile.Fields.Single(f => f.Key == "song_id");
        Assert.Equal((3, 0, 2, "A", "B"), (id.Present, id.Nulls, id.Distinct, id.Min, id.Max));
        Assert.Equal([new FieldCount("A", 2), new FieldCount("B", 1)], id.Top);
        var year = profile.Fields.Single(f => f.Key == "year");
        Assert.Equal([new FieldCount("number", 2), new FieldCount("text", 1)], year.Kinds);
        Assert.Equal(("0", "1999.5"), (year.Min, year.Max));
        Assert.Equal((1, 1), profile.Fields.Where(f => f.Key == "title").Select(f => (f.Present, f.Nulls)).Single());
        Assert.Contains(profile.Drift, d => d is { Kind: DriftKind.Misfit, Key: "year", Records: 2 });
        Assert.Contains(profile.Drift, d => d is { Kind: DriftKind.Unknown, Key: "extra", Records: 1 });
        Assert.Contains(profile.Drift, d => d is { Kind: DriftKind.Missing, Key: "duration", Records: 1 });
        Assert.Contains(profile.Drift, d => d is { Kind: DriftKind.Missing, Key: "title", Records: 1 });
    }

    [Fact]
    public async Task Profile_StopsAtTheLimit_AndSaysSo()
    {
        File("events/a.json", string.Join('\n', Enumerable.Repeat(Event, 10)));

        var profile = await Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Events, "a.json", 4), default);

        Assert.Equal((4, 1, false), (profile.Records, profile.Files, profile.Whole));
        File("events/b.json", Event);
        Assert.Equal((10, 1, false), await AllAsync(10));
        Assert.Equal((11, 2, true), await AllAsync(11));

        async Task<(long, long, bool)> AllAsync(int most)
        {
            var all = await Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Events, null, most), default);
            return (all.Records, all.Files, all.Whole);
        }
    }

    [Fact]
    public async Task Profile_OfAFolder_HasAllTheTimeItTakes()
    {
        File("events/a.json", string.Join('\n', Enumerable.Repeat(Event, 10)));
        File("events/b.json", Event);
        using var budget = CallBudget.Begin(TimeProvider.System, TimeSpan.FromTicks(1));

        var profile = await Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Events, null, 100), default);

        Assert.Equal((11, 2, true), (profile.Records, profile.Files, profile.Whole));
        var report = (await Sources().TestAsync(Spec, default)).Events;
        Assert.Equal((2, false), (report.Files!.Value, report.More));
    }

    [Fact]
    public async Task Profile_WithJsonPaths_ExpectsTheKeysOfThePaths()
    {
        File("events/a.json", """{"Who": "Muse", "artist": "ignored"}""");
        var spec = Spec with { JsonPaths = File("paths.json", JsonPaths("artist", "$['Who']")) };

        var profile = await Explorer.ProfileAsync(spec, new SourceScope(SourcePart.Events, null, 100), default);

        Assert.Equal(["artist"], profile.Drift.Where(d => d.Kind == DriftKind.Unknown).Select(d => d.Key));
        Assert.DoesNotContain(profile.Drift, d => d is { Kind: DriftKind.Missing, Key: "artist" });
        Assert.Equal(17, profile.Drift.Count(d => d.Kind == DriftKind.Missing));
    }

    [Fact]
    public async Task Profile_TextsThatAreNone_AreTakenAsTheyStand()
    {
        File("events/a.json", """{"artist":"\ud800","\udfff":1}""");

        var profile = await Explorer.ProfileAsync(Spec, new SourceScope(SourcePart.Events, null, 100), default);

        Assert.Equal(["artist", "\\udfff"], profile.Fields.Select(f => f.Key));
        Assert.Equal("\"\\ud800\"", profile.Fields[0].Min);
    }
}
