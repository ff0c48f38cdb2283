using System.Globalization;
using System.Runtime.Versioning;
using Npgsql;
using Sparkify.Core.Storage;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Tests.Core.Storage;

[UnsupportedOSPlatform("windows")]
public sealed class EmbeddedPostgresTests : ServerFixture
{
    [Fact]
    public async Task FirstStart_EmptyFolder_MakesAClusterThatAsksForPasswordsAndSpeaksUtf8()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);

        Assert.Equal("scram-sha-256", await AskAsync<string>(server, "show password_encryption"));
        Assert.Equal("UTF8", await AskAsync<string>(server, "show server_encoding"));
        Assert.Equal("C.UTF-8", await AskAsync<string>(server, "select datcollate from pg_database where datname = 'postgres'"));
        Assert.Equal(
            "scram-sha-256", await AskAsync<string>(server, "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"));
        await using var wrong = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(
                server.ConnectionString("postgres"))
            { Password = "wrong", Pooling = false }.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => wrong.OpenAsync());
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.PasswordFile));
    }

    [Fact]
    public async Task Start_EmptyFolder_ListensOnThePrivateSocketOnly()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);

        Assert.Equal("", await AskAsync<string>(server, "show listen_addresses"));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Socket));
        Assert.Empty(ListeningInodes().Intersect(SocketsOf(Pid(folder))));
    }

    [Fact]
    public async Task Start_AfterAStop_KeepsTheData()
    {
        await using (var first = await StartedAsync())
        {
            await AskAsync<int>(first, "create table kept (i integer); insert into kept values (7); select i from kept");
        }

        Assert.False(File.Exists(Folder().PidFile));
        Assert.Equal(7, await AskAsync<int>(await StartedAsync(), "select i from kept"));
    }

    [Fact]
    public async Task Start_AfterAnInterruptedInitdb_MakesTheClusterAgain()
    {
        var folder = Folder();
        Directory.CreateDirectory(folder.NewData);
        await File.WriteAllTextAsync(Path.Combine(folder.NewData, "half"), "of a cluster");

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));

        Assert.False(Directory.Exists(folder.NewData));
        Assert.False(File.Exists(Path.Combine(folder.Data, "half")));
    }

    [Fact]
    public async Task Start_PasswordFileLeftEmptyByAKilledStart_WritesANewOne()
    {
        var folder = Folder();
        Directory.CreateDirectory(folder.Root);
        await File.WriteAllTextAsync(folder.PasswordFile, "");

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Start_KilledWhileThePasswordWasChanged_FindsOutWhichOneHolds(bool told)
    {
        var folder = Folder();
        string before, next;
        await using (var server = await StartedAsync(folder))
        {
            before = folder.Password();
            next = folder.WriteNextPassword();
            if (told)
            {
                await AskAsync<string>(server, $"alter role sparkify password '{ScramVerifier.Of(next)}'; select 'told'");
            }
        }

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));

        Assert.Equal(told ? next : before, folder.Password());
        Assert.False(File.Exists(folder.NextPasswordFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.PasswordFile));
    }

    [Fact]
    public async Task RenewPassword_SeveralAtOnce_LeavesOneThatHolds()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var before = folder.Password();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.RenewPasswordAsync(CancellationToken.None)));

        Assert.NotEqual(before, folder.Password());
        Assert.Equal(1, await AskAsync<int>(server, "select 1"));
        Assert.False(File.Exists(folder.NextPasswordFile));
    }

    [Theory]
    [InlineData("with spaces in it")]
    [InlineData("with, a comma; a \"quote\": a colon = and more")]
    [InlineData("mit Umlauten äöü")]
    public async Task Start_OddPath_Works(string name) =>
        Assert.Equal(1, await AskAsync<int>(await StartedAsync(Folder(name)), "select 1"));

    [Fact]
    public async Task Start_PathTooLongForASocket_PutsTheSocketIntoAShortFolder()
    {
        var folder = Folder(Path.Combine(new string('a', 60), new string('b', 60)));

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));

        Assert.StartsWith(Path.GetTempPath(), folder.Socket, StringComparison.Ordinal);
        Assert.True(folder.Socket.Length < 84, folder.Socket);
        Directory.Delete(folder.Socket, recursive: true);
    }

    [Fact]
    public async Task Start_SecondOnTheSameFolder_IsRefusedWithASentence()
    {
        var first = await StartedAsync();

        Assert.StartsWith(
            $"Another Sparkify already uses the data folder '{Root()}'.", await RefusalAsync(Server()), StringComparison.Ordinal);
        Assert.Equal(1, await AskAsync<int>(first, "select 1"));
    }

    [Fact]
    public async Task Start_ConfiguredBinariesMissing_SaysWhichFolderAndWhatToDo() => Assert.Equal(
        $"Sparkify:PostgresBinaries names '{Root("empty")}', but there is no initdb and postgres in it. Point it at the server's bin folder.",
        await RefusalAsync(Server(binaries: Directory.CreateDirectory(Root("empty")).FullName)));

    [Fact]
    public async Task Start_ClusterOfAVersionThatIsNotHere_NamesTheVersionToInstall()
    {
        Directory.CreateDirectory(Folder().Data);
        await File.WriteAllTextAsync(Path.Combine(Folder().Data, "PG_VERSION"), "98\n");

        Assert.Contains("was made by PostgreSQL 98, and that version's server programs are not on this machine. Install postgresql-98",
            await RefusalAsync(Server()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ClusterOfAnotherVersionThanTheConfiguredPrograms_SaysSo()
    {
        await using (await StartedAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(Folder().Data, "PG_VERSION"), "98\n");
        Assert.Contains("Another version of PostgreSQL made this folder",
            await RefusalAsync(Server(binaries: PostgresBinaries.Find(null, null).Folder)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("not a number")]
    public async Task Start_DataFolderThatIsNoCluster_IsRefusedAndLeftAlone(string? version)
    {
        var folder = Folder();
        Directory.CreateDirectory(folder.Data);
        var precious = Path.Combine(folder.Data, "precious");
        await File.WriteAllTextAsync(precious, "mine");
        if (version is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.Data, "PG_VERSION"), version);
        }

        Assert.Contains("holds no PostgreSQL database", await RefusalAsync(Server(folder)), StringComparison.Ordinal);
        Assert.True(File.Exists(precious));
    }

    [Fact]
    public async Task Start_DataDirectoryBelowAFile_SaysThatItCannotBeMade()
    {
        await File.WriteAllTextAsync(Root("file"), "");
        Assert.StartsWith(
            $"The data folder '{Root("file/postgres")}' cannot be made:", await RefusalAsync(
                Server(Folder("file/postgres"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_Twice_DoesNothingTheSecondTime()
    {
        var server = await StartedAsync();
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    // The sockets in the state LISTEN (0A) of every address family, by inode.
    private static IEnumerable<string> ListeningInodes() => new[] { "/proc/net/tcp", "/proc/net/tcp6" }.Where(File.Exists)
        .SelectMany(File.ReadLines)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(columns => columns.Length > 9 && columns[3] == "0A")
        .Select(columns => columns[9]);

    private static IEnumerable<string> SocketsOf(int pid) => Directory
        .EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/fd"))
        .Select(fd => new FileInfo(fd).LinkTarget ?? "")
        .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
        .Select(target => target["socket:[".Length..^1]);
}
