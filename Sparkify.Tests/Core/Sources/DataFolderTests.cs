using Sparkify.Core.Common;
using Sparkify.Core.Sources;

namespace Sparkify.Tests.Core.Sources;

/// <summary>The folder with the keys and passwords is never a source, whatever it is called and whoever asks.</summary>
public sealed class DataFolderTests : SourcesFixture
{
    private const string Secret = """{"page":"planted secret"}""";

    public static TheoryData<string> Spellings { get; } =
    [
        "ROOT/data-directory",
        "ROOT/data-directory/",
        "ROOT//data-directory//",
        "ROOT/./data-directory/.",
        "ROOT/songs/../data-directory",
        "ROOT/data-directory/keys",
        "ROOT/data-directory/keys/..",
        "ROOT/data-directory/keys/../keys/secret.json",
        "ROOT/data-directory/simulator.json",
        "ROOT/data-directory/samples",
        "ROOT/data-directory/samples/../keys",
        "ROOT",
        "ROOT/songs/..",
        "/",
        "ROOT/link",
        "ROOT/link/keys",
        "ROOT/link-to-link/keys",
        "ROOT/link-to-root",
        "ROOT/link-to-root/data-directory",
        "ROOT/link-to-file.json",
        "ROOT/link-climbing/../keys",
        "'ROOT/data-directory'",
        "\u200BROOT/data-directory\u00A0",
        "file://ROOT/data-directory",
        "file://ROOT/%64ata-directory/keys",
        "/proc/self/root/ROOT/data-directory",
        "/proc/self/cwd/UP/ROOT/data-directory",
        "/dev/../ROOT/data-directory",
    ];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task DataFolder_HoweverItIsSpelled_IsRefused(string spelling)
    {
        var location = Spelled(spelling);

        foreach (var vouched in (bool[])[false, true])
        {
            var spec = new LocationSource(location, $"{Root}/songs") { Vouched = vouched };
            await RefusedAsync(spec);
            await RefusedAsync(new LocationSource($"{Root}/songs", location) { Vouched = vouched });
            await RefusedAsync(new LocationSource($"{Root}/events", $"{Root}/songs", location) { Vouched = vouched });
            var report = await Sources().TestAsync(spec, default);
            Assert.Contains("is never a source", report.Events.Problem, StringComparison.Ordinal);
            Assert.Empty(report.Events.Records);
        }
    }

    [Theory]
    [InlineData("ROOT/data-directory/keys", "events/more")]
    [InlineData("ROOT/data-directory/keys/secret.json", "events/more.json")]
    [InlineData("ROOT/link-to-file.json", "events/more.json")]
    [InlineData("../data-directory/keys", "events/more")]
    [InlineData("/proc/self/environ", "events/more.json")]
    [InlineData("/sys/kernel", "events/more")]
    public async Task Link_IntoTheDataFolder_OrWhatTheSystemShows_IsRefusedWhereItIsMet(string target, string link)
    {
        Spelled(target);
        File("events/1.json", Event);
        Folder("songs");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, link), target.Replace("ROOT", Root, StringComparison.Ordinal));
        var source = await OpenAsync();

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => ReadAsync(source));

        Assert.Equal(ProblemKind.Denied, refusal.Kind);
        Assert.Contains("is never a source", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Vouched_IsReadBesideTheList_ButNotWhereItsLinksLead()
    {
        File("secret/1.json", Event);
        File("events/1.json", Event);
        Folder("songs");
        var spec = new LocationSource($"{Root}/events", $"{Root}/songs");
        await Assert.ThrowsAsync<SparkifyException>(() => Sources(Folder("allowed")).OpenAsync(spec, null, default));
        var source = await Sources(Folder("allowed")).OpenAsync(spec with { Vouched = true }, null, default);
        Assert.Single(await ListAsync(source));

        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "events/2.json"), Path.Combine(Root, "secret/1.json"));

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => ReadAsync(source));
        Assert.Contains("leads to", refusal.Message, StringComparison.Ordinal);
    }

    private async Task RefusedAsync(LocationSource spec)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () =>
        {
            var source = await Sources().OpenAsync(spec, null, default);
            await source.ReadJsonPathsAsync(default);
        });

        Assert.Contains("is never a source", refusal.Message, StringComparison.Ordinal);
    }

    private static async Task ReadAsync(ISource source)
    {
        foreach (var file in await ListAsync(source))
        {
            await using var stream = await source.OpenAsync(SourcePart.Events, file, 0, default);
        }
    }

    // What the spellings speak of.
    private string Spelled(string spelling)
    {
        File("data-directory/keys/secret.json", Secret);
        File("data-directory/simulator.json", Secret);
        File("events/1.json", Event);
        Folder("data-directory/samples");
        Folder("songs");
        Link("link", DataDirectory);
        Link("link-to-link", Path.Combine(Root, "link"));
        Link("link-to-root", Root);
        Link("link-to-file.json", Path.Combine(DataDirectory, "keys", "secret.json"));
        Link("link-climbing", Path.Combine(DataDirectory, "samples"));
        var up = string.Join('/', Environment.CurrentDirectory.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(static _ => ".."));
        return spelling.Replace("UP", up, StringComparison.Ordinal).Replace("ROOT", Root, StringComparison.Ordinal);
    }

    private void Link(string name, string target)
    {
        var path = Path.Combine(Root, name);
        if (!Path.Exists(path))
        {
            System.IO.File.CreateSymbolicLink(path, target);
        }
    }
}
