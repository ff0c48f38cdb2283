using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Folders;

namespace Sparkify.Tests.Core.Sources;

public sealed class FolderSourceTests : SourcesFixture
{
    [Fact]
    public async Task Folder_Listed_GivesDataFilesInOrdinalOrderOfTheirName()
    {
        foreach (var name in (string[])["b/2.json", "b.json", "b-1/x.JSON", "a/z/1.json.gz", "B.Json.GZ", "b/10.json", "é.json"])
        {
            File($"events/{name}", Event);
        }

        var names = (await ListAsync(await OpenAsync())).Select(f => f.Name).ToList();

        Assert.Equal(["B.Json.GZ", "a/z/1.json.gz", "b-1/x.JSON", "b.json", "b/10.json", "b/2.json", "é.json"], names);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Folder_WithHiddenAndForeignFiles_LeavesThemOut()
    {
        File("events/1.json", Event);
        foreach (var name in (string[])[".hidden.json", ".1.json.crc", "_SUCCESS", "_temporary/2.json", ".git/3.json", "notes.txt", "1.json.bak"])
        {
            File($"events/{name}", Event);
        }

        var file = Assert.Single(await ListAsync(await OpenAsync()));

        Assert.Equal("1.json", file.Name);
        Assert.Equal(Event.Length, file.Bytes);
        Assert.Equal(new DateTimeOffset(System.IO.File.GetLastWriteTimeUtc(Path.Combine(Root, "events/1.json"))), file.Modified);
    }

    [Fact]
    public async Task JsonPathsFile_AmongTheEvents_IsNoData()
    {
        File("events/1.json", Event);
        var paths = File("events/paths.json", """{"jsonpaths": ["$['artist']"]}""");
        var source = await Sources().OpenAsync(new LocationSource($"{Root}/events", $"{Root}/songs", paths), null, default);

        Assert.Equal("1.json", Assert.Single(await ListAsync(source)).Name);
        Assert.Equal("""{"jsonpaths": ["$['artist']"]}""", Encoding.UTF8.GetString((await source.ReadJsonPathsAsync(default))!));
    }

    [Fact]
    public async Task Location_OfOneFile_ListsAndOpensThatFile()
    {
        var path = File("events/one.json", Event);
        var source = await Sources().OpenAsync(new LocationSource(path, $"{Root}/songs"), null, default);

        var file = Assert.Single(await ListAsync(source));
        await using var stream = await source.OpenAsync(SourcePart.Events, file, 0, default);

        Assert.Equal("one.json", file.Name);
        Assert.Equal(Event, await new StreamReader(stream).ReadToEndAsync());
        Assert.Null(await source.ReadJsonPathsAsync(default));
    }

    [Fact]
    public async Task File_OpenedAtAnOffset_GivesTheStoredBytesFromThere()
    {
        var packed = Gzip(Event);
        File("events/1.json.gz", packed);
        var source = await OpenAsync();

        await using var stream = await source.OpenAsync(SourcePart.Events, (await ListAsync(source))[0], 3, default);
        var rest = new byte[packed.Length - 3];
        await stream.ReadExactlyAsync(rest);

        Assert.Equal(packed[3..], rest);
    }

    [Fact]
    public async Task File_ShorterThanTheOffset_SaysSo()
    {
        File("events/1.json", Event);
        var source = await OpenAsync();
        var file = Assert.Single(await ListAsync(source));
        File("events/1.json", "{}");

        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 50, default));

        Assert.Contains("has become shorter than 50 bytes", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret.json")]
    [InlineData("/etc/passwd")]
    [InlineData("../events-2/1.json")]
    public async Task File_OutsideTheLocation_IsDenied(string name)
    {
        File("secret.json", "{}");
        File("events-2/1.json", "{}");
        File("events/1.json", Event);
        var source = await OpenAsync();

        var refusal = await Assert.ThrowsAsync<SparkifyException>(
            async () => await source.OpenAsync(SourcePart.Events, new SourceFile(name, 1, default), 0, default));

        Assert.Equal(ProblemKind.Denied, refusal.Kind);
    }

    [Fact]
    public async Task File_GoneSinceItWasListed_SaysSo()
    {
        var path = File("events/1.json", Event);
        var source = await OpenAsync();
        var file = Assert.Single(await ListAsync(source));
        System.IO.File.Delete(path);

        var refusal = await Assert.ThrowsAsync<SparkifyException>(async () => await source.OpenAsync(SourcePart.Events, file, 0, default));

        Assert.Contains($"The events file '{path}' does not exist", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_LeadingInACircle_AreFollowedOnce()
    {
        File("events/a/1.json", Event);
        Directory.CreateSymbolicLink(Path.Combine(Root, "events/a/up"), Path.Combine(Root, "events"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "events/a/self"), ".");

        Assert.Equal("a/1.json", Assert.Single(await ListAsync(await OpenAsync())).Name);
    }

    [Fact]
    public async Task Links_ToWhatIsListedAnywayOrToAFolderAbove_AreNotReadTwice()
    {
        File("events/1.json", Event);
        File("songs/s.json", Event);
        Directory.CreateSymbolicLink(Path.Combine(Root, "events/loop"), "..");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "events/alias.json"), "1.json");

        Assert.Equal("1.json", Assert.Single(await ListAsync(await OpenAsync())).Name);
    }

    [Fact]
    public async Task Links_ToAFolderAndAFile_AreRead()
    {
        File("elsewhere/2.json", Event);
        Folder("events");
        Directory.CreateSymbolicLink(Path.Combine(Root, "events/more"), "../elsewhere");
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "events/1.json"), "../elsewhere/2.json");

        var files = await ListAsync(await OpenAsync());

        Assert.Equal(["1.json", "more/2.json"], files.Select(f => f.Name));
        Assert.All(files, f => Assert.Equal(Event.Length, f.Bytes));
    }

    [Fact]
    public async Task Link_ToNothing_IsNamed()
    {
        File("events/1.json", Event);
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "events/2.json"), "gone.json");

        Assert.Contains(
            "2.json' is a link to something that does not exist", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_ThatDoesNotExist_SaysHowFarThePathGoes()
    {
        var refusal = await RefusalAsync(await OpenAsync());

        Assert.Equal(
            $"The events folder '{Root}/events' does not exist (the path exists up to '{Root}'). Correct the path, or create it first.",
            refusal);
    }

    [Fact]
    public async Task Folder_WithoutJson_SaysWhatIsThereInstead()
    {
        Folder("events");
        Assert.Contains("holds no data: it is empty", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);

        File("events/.a.json", Event);
        Assert.Contains(
            "there is nothing but 1 file that is hidden ('.a.json')", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);

        File("events/sub/a.csv", "1");
        Assert.Contains(
            "there is nothing but 1 file with another ending ('sub/a.csv') and 1 that is hidden ('.a.json')", await RefusalAsync(
                await OpenAsync()), StringComparison.Ordinal);

        File("events/b.csv", "1");
        File("events/c.csv", "1");
        Assert.Contains(
            "nothing but 3 files with other endings (such as '", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Location_OfAFileThatIsNoJson_SaysSo()
    {
        var path = File("events.csv", "1");
        var source = await Sources().OpenAsync(new LocationSource(path, $"{Root}/songs"), null, default);

        Assert.Contains("is a file that does not end in .json, .jsonl or .ndjson", await RefusalAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Location_BelowAFile_SaysThatItDoesNotExist()
    {
        var path = File("plain", "1");
        var source = await Sources().OpenAsync(new LocationSource($"{path}/events", $"{Root}/songs"), null, default);

        Assert.Contains($"'{path}/events'", await RefusalAsync(source), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subfolder_ThatMayNotBeRead_IsNamed()
    {
        File("events/1.json", Event);
        var locked = Path.GetDirectoryName(File("events/locked/2.json", Event))!;
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            // The superuser reads everything; the file system's answer to anybody else is put into the same words here.
            var sentence = FolderProblems.Sentence(new UnauthorizedAccessException(), "subfolder of the events", locked);
            Assert.Contains(
                $"The subfolder of the events '{locked}' cannot be read: the user '", sentence.Message, StringComparison.Ordinal);
            return;
        }

        System.IO.File.SetUnixFileMode(locked, UnixFileMode.None);
        try
        {
            Assert.Contains($"'{locked}' cannot be read: the user '", await RefusalAsync(await OpenAsync()), StringComparison.Ordinal);
        }
        finally
        {
            System.IO.File.SetUnixFileMode(locked, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task Listing_Cancelled_Stops()
    {
        File("events/1.json", Event);
        var source = await OpenAsync();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in source.ListAsync(SourcePart.Events, cancel.Token))
            {
                Assert.Fail("Nothing may come.");
            }
        });
    }
}
