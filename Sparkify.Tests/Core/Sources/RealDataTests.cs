using Sparkify.Core.Sources;

namespace Sparkify.Tests.Core.Sources;

/// <summary>Against real files beside the repository, on machines that have them.</summary>
public sealed class RealDataTests : SourcesFixture
{
    private static string? Home()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Sparkify.Web.sln")))
        {
            folder = folder.Parent;
        }

        var data = folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "data") : null;
        return Directory.Exists(data) ? data : null;
    }

    [Fact]
    public async Task RealData_Tested_IsGood()
    {
        if (Home() is not { } data)
        {
            return;
        }

        var report = await Sources().TestAsync(
            new LocationSource($"{data}/log_data", $"{data}/song_data", $"{data}/log_json_path.json"), default);

        Assert.True(report.Good, string.Join(' ', report.Problems));
        Assert.Equal((9, 71), (report.Events.Files, report.Songs.Files));
        Assert.Equal(5, report.Events.Records.Count);
        Assert.Equal(5, report.Songs.Records.Count);
    }

    [Fact]
    public async Task Sample_BesideTheRealData_HasTheSameKeysInTheSameOrder()
    {
        if (Home() is not { } data)
        {
            return;
        }

        var real = await Sources().TestAsync(new LocationSource($"{data}/log_data", $"{data}/song_data"), default);
        var sample = await Sources().TestAsync(new SampleSource(), default);

        Assert.Equal(Keys(real.Events.Records[0]), Keys(sample.Events.Records[0]));
        Assert.Equal(Keys(real.Songs.Records[0]), Keys(sample.Songs.Records[0]));
    }

    private static string Keys(string record) =>
        string.Join(' ', System.Text.Json.JsonDocument.Parse(record).RootElement.EnumerateObject().Select(p => p.Name));
}
