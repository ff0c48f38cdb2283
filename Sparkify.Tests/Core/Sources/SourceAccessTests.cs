using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Tests.Core.Sources;

public sealed class SourceAccessTests : SourcesFixture
{
    [Theory]
    [InlineData("", "The events location is empty")]
    [InlineData("logs/2018", "The events location 'logs/2018' is a relative path")]
    [InlineData(null, "The events location is empty")]
    [InlineData("/data/\0", "holds a character that no path can have")]
    [InlineData("s3://B/log_data", "names no bucket: 'B' is no bucket's name")]
    [InlineData("s3://", "names no bucket: '' is no bucket's name")]
    public async Task Location_OfAWrongForm_SaysWhatToGive(string? location, string sentence)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => Sources().OpenAsync(new LocationSource(location!, $"{Root}/songs"), null, default));

        Assert.Equal(ProblemKind.Invalid, refusal.Kind);
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("both", "both", "Events and songs are both at")]
    [InlineData("both", "both/songs", "is inside the events location")]
    [InlineData("both/events", "both", "is inside the songs location")]
    public async Task Locations_ThatOverlap_AreRefused(string events, string songs, string sentence)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            () => Sources().OpenAsync(new LocationSource($"{Root}/{events}", $"{Root}/{songs}"), null, default));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Location_WithATilde_IsInTheHomeFolder()
    {
        var source = await Sources().OpenAsync(new LocationSource("~/sparkify-events", "~/sparkify-songs/"), null, default);

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Combine(home, "sparkify-events"), source.Location(SourcePart.Events));
        Assert.Equal(Path.Combine(home, "sparkify-songs"), source.Location(SourcePart.Songs));
    }

    [Fact]
    public async Task AllowedFolders_Given_RefuseEveryOther()
    {
        File("events/1.json", Event);
        File("allowed-not/1.json", Event);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => OpenAsync(Folder("allowed")));

        Assert.Equal(ProblemKind.Denied, refusal.Kind);
        Assert.Equal(
            $"'{Root}/events' is outside the folders that sources may be read from. Start Sparkify with `./run.sh FOLDER` to allow it, "
            + "or add it to the setting Sources:AllowedFolders.",
            refusal.Message);
        await Assert.ThrowsAsync<SparkifyException>(
            () => Sources(Folder("allowed")).OpenAsync(new LocationSource($"{Root}/allowed-not", $"{Root}/allowed/songs"), null, default));
        await Assert.ThrowsAsync<SparkifyException>(
            () =>
                Sources(Folder("allowed")).OpenAsync(
                    new LocationSource($"{Root}/allowed/../events", $"{Root}/allowed/songs"), null, default));
    }

    [Fact]
    public async Task AllowedFolders_Given_LeaveTheGeneratedSampleAlone()
    {
        var source = await Sources(Folder("events")).OpenAsync(new SampleSource(Days: 1, Events: 60, Songs: 10), null, default);

        Assert.Single(await ListAsync(source));
        Assert.Equal(10, (await ListAsync(source, SourcePart.Songs)).Count);
    }

    [Fact]
    public async Task AllowedFolder_ThatIsItselfALink_IsRead()
    {
        File("real/events/1.json", Event);
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(Root, "real"));
        var source = await Sources($"{Root}/link").OpenAsync(
            new LocationSource($"{Root}/link/events", $"{Root}/real/songs"), null, default);

        Assert.Single(await ListAsync(source));
    }

    [Theory]
    [InlineData("secret", "events/inside")]
    [InlineData("secret/1.json", "events/inside.json")]
    public async Task Link_OutOfTheAllowedFolders_IsDenied(string target, string link)
    {
        File("secret/1.json", Event);
        File("events/1.json", Event);
        Folder("songs");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, link), Path.Combine(Root, target));

        var refusal = await RefusalAsync(await OpenAsync($"{Root}/events", $"{Root}/songs"));

        Assert.Contains($"'{Root}/{link}' leads to '{Root}/{target}', which is outside", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_TurnedIntoALinkSinceItWasListed_IsDenied()
    {
        File("secret.json", "{}");
        var path = File("events/1.json", Event);
        Folder("songs");
        var source = await OpenAsync($"{Root}/events", $"{Root}/songs");
        var file = Assert.Single(await ListAsync(source));
        System.IO.File.Delete(path);
        System.IO.File.CreateSymbolicLink(path, Path.Combine(Root, "secret.json"));

        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 0, default));

        Assert.Equal(ProblemKind.Denied, refusal.Kind);
    }

    [Fact]
    public void RealPath_OfLinksInACircle_Throws()
    {
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "a"), "b");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "b"), "a");

        Assert.Throws<IOException>(() => RealPath.Resolve(Path.Combine(Root, "a/x")));
    }

    [Fact]
    public async Task Location_BehindLinksInACircle_SaysSo()
    {
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "events"), "songs");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "songs"), "events");

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => OpenAsync());

        Assert.Contains(
            $"'{Root}/events' cannot be followed: there are too many symbolic links", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RealPath_ClimbingAfterALink_StartsWhereTheLinkLeads()
    {
        Folder("far/deep");
        Directory.CreateSymbolicLink(Path.Combine(Root, "near"), "far/deep");

        Assert.Equal(Path.Combine(Root, "far", "x"), RealPath.Resolve(Path.Combine(Root, "near") + "/../x"));
    }

    [Fact]
    public void Options_WithWrongFolders_NameKeyAndValueOfEach()
    {
        var wrong = new SourceOptionsValidator().Validate(
            null, new SourceOptions { AllowedFolders = [Root, "logs", $"{Root}/missing"] });

        Assert.Equal(
            [
                "Sources:AllowedFolders:1 must be an absolute path, was 'logs'.",
                $"Sources:AllowedFolders:2 names the folder '{Root}/missing', which does not exist.",
            ],
            wrong.Failures);
    }

    [Fact]
    public async Task AddSources_WithConfiguration_BindsAndLetsStandInsWin()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sparkify:DataDirectory"] = DataDirectory,
            ["Sources:AllowedFolders:0"] = Folder("allowed"),
        }).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSources().BuildServiceProvider();

        Assert.Equal([Path.Combine(Root, "allowed")], services.GetRequiredService<IOptions<SourceOptions>>().Value.AllowedFolders);
        var report = await services.GetRequiredService<ISources>().TestAsync(new LocationSource($"{Root}/x", $"{Root}/allowed"), default);
        Assert.Contains("Sources:AllowedFolders", report.Events.Problem, StringComparison.Ordinal);

        var standIn = Sources();
        await using var others = new ServiceCollection().AddSingleton(standIn).AddSources().BuildServiceProvider();
        Assert.Same(standIn, others.GetRequiredService<ISources>());
    }
}
