using System.Security.Cryptography;
using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Tests.Core.Sources;

public sealed class SampleTests : SourcesFixture
{
    // Whoever changes the sample's bytes on purpose raises SampleFolder.Version too, so that samples on disk are made anew.
    private const string DefaultSample = "B2796A7D6DA73F3044E412AF787F6CD2C64DA871C7CEE9A2C6F142676BF68ACC";

    private static readonly SampleSource Small = new(Seed: 5, Days: 3, Events: 200, Songs: 60);

    private async Task<ISource> SampleAsync(SampleSource sample, IProgress<SourcePreparation>? progress = null) =>
        await Sources().OpenAsync(sample, progress, default);

    private static async Task<string> HashAsync(ISource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in Enum.GetValues<SourcePart>())
        {
            foreach (var file in await ListAsync(source, part))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{file.Name}\n"));
                hash.AppendData(await System.IO.File.ReadAllBytesAsync(Path.Combine(source.Location(part), file.Name)));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    [Fact]
    public async Task DefaultSample_Generated_HasTheseVeryBytes()
    {
        var source = await SampleAsync(new SampleSource());

        Assert.Equal(14_896, (await ListAsync(source, SourcePart.Songs)).Count);
        Assert.Equal(DefaultSample, await HashAsync(source));
    }

    [Fact]
    public async Task Sample_GeneratedTwice_IsEqual()
    {
        var first = await HashAsync(await SampleAsync(Small));
        Directory.Delete(Path.Combine(DataDirectory, "samples"), recursive: true);

        Assert.Equal(first, await HashAsync(await SampleAsync(Small)));
        Assert.NotEqual(first, await HashAsync(await SampleAsync(Small with { Seed = 6 })));
    }

    [Fact]
    public async Task Sample_Generated_HasTheLayoutOfTheRealData()
    {
        var source = await SampleAsync(Small);

        Assert.Equal(Path.Combine(DataDirectory, "samples", "5-3-200-60", "log_data"), source.Location(SourcePart.Events));
        Assert.Equal(
            ["2018/11/2018-11-01-events.json", "2018/11/2018-11-02-events.json", "2018/11/2018-11-03-events.json"],
            (await ListAsync(source)).Select(f => f.Name));
        var songs = await ListAsync(source, SourcePart.Songs);
        Assert.Equal(60, songs.Count);
        Assert.All(songs, f => Assert.Matches("^([A-Z])/([A-Z])/([A-Z])/TR\\1\\2\\3[A-Z]{2}128F[0-9A-F]{7}\\.json$", f.Name));
        Assert.Null(await source.ReadJsonPathsAsync(default));
    }

    [Fact]
    public async Task Sample_OnceComplete_IsNotMadeAgain()
    {
        var source = await SampleAsync(Small);
        var file = Path.Combine(source.Location(SourcePart.Events), (await ListAsync(source))[0].Name);
        await System.IO.File.WriteAllTextAsync(file, "touched");

        await SampleAsync(Small);

        Assert.Equal("touched", await System.IO.File.ReadAllTextAsync(file));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0")]
    public async Task Sample_InterruptedOrOfAnotherVersion_IsMadeAgain(string? version)
    {
        var expected = await HashAsync(await SampleAsync(Small));
        var folder = Path.Combine(DataDirectory, "samples", "5-3-200-60");
        File("data-directory/samples/5-3-200-60/log_data/2018/11/2018-11-01-events.json", "cut o");
        File("data-directory/samples/5-3-200-60/log_data/old.json", "old");
        File("data-directory/samples/.5-3-200-60/log_data/half.json", "half");
        System.IO.File.Delete(Path.Combine(folder, ".complete"));
        if (version is not null)
        {
            await System.IO.File.WriteAllTextAsync(Path.Combine(folder, ".complete"), version);
        }

        Assert.Equal(expected, await HashAsync(await SampleAsync(Small)));
        Assert.Equal([folder], Directory.GetDirectories(Path.Combine(DataDirectory, "samples")));
    }

    [Fact]
    public async Task Sample_AskedForByManyAtOnce_IsMadeOnce()
    {
        var sources = Sources();
        var reports = new Reports();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => sources.OpenAsync(Small, reports, default))));

        Assert.Single(reports.Seen, new SourcePreparation(63, 63));
    }

    [Fact]
    public async Task Sample_BeingGenerated_ReportsProgress()
    {
        var reports = new Reports();

        await SampleAsync(Small, reports);

        Assert.Equal(new SourcePreparation(0, 63), reports.Seen[0]);
        Assert.Equal(new SourcePreparation(63, 63), reports.Seen[^1]);
        Assert.Equal(reports.Seen.OrderBy(r => r.Done), reports.Seen);
    }

    [Fact]
    public async Task Sample_Cancelled_LeavesNothingBehind()
    {
        using var cancel = new CancellationTokenSource();
        var reports = new Reports(r => { if (r.Done >= 103) { cancel.Cancel(); } });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Sources().OpenAsync(Small with { Songs = 5000 }, reports, cancel.Token));

        Assert.Empty(Directory.GetDirectories(Path.Combine(DataDirectory, "samples")));
    }

    [Fact]
    public async Task Sample_WhereNothingCanBeWritten_SaysWhichSettingToChange()
    {
        File("data-directory", "a file stands where the folder should be");

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => SampleAsync(Small));

        Assert.Equal(ProblemKind.Unavailable, refusal.Kind);
        Assert.Contains("Sparkify:DataDirectory", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 10, 10, "days must be between 1 and 366, were 0")]
    [InlineData(367, 1000, 10, "days must be between 1 and 366, were 367")]
    [InlineData(30, 29, 10, "29 events are too few for 30 days")]
    [InlineData(1, 0, 10, "events must be between 1 and 100,000,000, were 0")]
    [InlineData(1, 100_000_001, 10, "events must be between 1 and 100,000,000, were 100,000,001")]
    [InlineData(1, 10, 0, "songs must be between 1 and 400,000, were 0")]
    [InlineData(1, 10, 400_001, "songs must be between 1 and 400,000, were 400,001")]
    public async Task Sample_OfAnImpossibleSize_IsRefused(int days, int events, int songs, string sentence)
    {
        var sample = new SampleSource(1, days, events, songs);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => SampleAsync(sample));
        var report = await Sources().TestAsync(sample, default);

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.Equal([refusal.Message], report.Problems);
        Assert.False(Directory.Exists(DataDirectory));
    }

    [Fact]
    public async Task Sample_Tested_ShowsTheFirstRecordsWithoutWriting()
    {
        var report = await Sources().TestAsync(Small, default);
        Assert.False(Directory.Exists(DataDirectory));

        var source = await SampleAsync(Small);
        var files = await ListAsync(source);
        var lines = await System.IO.File.ReadAllLinesAsync(Path.Combine(source.Location(SourcePart.Events), files[0].Name));
        var songs = await ListAsync(source, SourcePart.Songs);

        Assert.True(report.Good);
        Assert.Equal((3, 60), (report.Events.Files, report.Songs.Files));
        Assert.Equal(lines.Take(5), report.Events.Records);
        Assert.Equal(
            songs.Take(5).Select(
                f => System.IO.File.ReadAllText(Path.Combine(source.Location(SourcePart.Songs), f.Name))), report.Songs.Records);
        Assert.Equal(source.Location(SourcePart.Events), report.Events.Location);
    }

    private sealed class Reports(Action<SourcePreparation>? also = null) : IProgress<SourcePreparation>
    {
        public List<SourcePreparation> Seen { get; } = [];

        public void Report(SourcePreparation value)
        {
            Seen.Add(value);
            also?.Invoke(value);
        }
    }
}
