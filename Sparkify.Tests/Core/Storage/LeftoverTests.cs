using System.Diagnostics;
using Npgsql;
using Sparkify.Core.Storage.Embedded;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Storage;

/// <summary>What is there when a server or its application was killed.</summary>
public sealed class LeftoverTests : ServerFixture
{
    [Fact]
    public async Task Server_Killed_IsStartedAgainAndRecovers()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var killed = Pid(folder);
        await AskAsync<int>(server, "create table kept (i integer); insert into kept values (7); select i from kept");

        Kill(killed);

        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), fault => fault is not null);
        Assert.StartsWith("The database stopped by itself and is being started again.", server.Fault, StringComparison.Ordinal);
        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), fault => fault is null);
        Assert.Equal(7, await AskAsync<int>(server, "select i from kept"));
        Assert.NotEqual(killed, Pid(folder));
    }

    [Fact]
    public async Task Server_KilledWhileABackendIsBusy_DoesNotWaitForThatBackend()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        // Counting without a pause: a backend looks for its server only when it waits for something.
        var busy = AskAsync<long>(server, "select count(*) from generate_series(1, 100000) a, generate_series(1, 1000000) b");
        await Eventually.BecomesAsync(
            () =>
                AskAsync<long>(
                    server, "select count(*) from pg_stat_activity where query like '%generate_series%' and pid <> pg_backend_pid()"),
            running => running == 1);

        Kill(Pid(folder));

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => busy);
        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), fault => fault is null);
        Assert.Equal(1, await AskAsync<int>(server, "select 1"));
    }

    [Fact]
    public async Task Dispose_WhileTheServerIsBeingStartedAgain_LeavesNoServer()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);

        Kill(Pid(folder));
        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), fault => fault is not null);
        await server.DisposeAsync();

        Assert.Empty(ServersOn(folder));
        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));
    }

    [Fact]
    public async Task Start_ServerLeftByAKilledApplication_ReplacesIt()
    {
        var folder = Folder();
        await using (var first = await StartedAsync(folder))
        {
            await AskAsync<int>(first, "create table kept (i integer); insert into kept values (7); select i from kept");
        }

        var abandoned = Abandoned(
            PostgresBinaries.Find(null, null).Program("postgres"), "-D", folder.Data, "-c", "listen_addresses=", "-c",
            $"unix_socket_directories={folder.Socket}");
        await Eventually.BecomesAsync(() => Task.FromResult(File.Exists(Path.Combine(folder.Socket, ".s.PGSQL.5432"))), there => there);

        var server = await StartedAsync(folder);

        Assert.True(abandoned.HasExited);
        Assert.Equal(7, await AskAsync<int>(server, "select i from kept"));
    }

    [Fact]
    public async Task Start_LockFileOfAProcessThatIsNoServer_RemovesItAndLeavesTheProcessAlone()
    {
        var folder = Folder();
        await using (await StartedAsync(folder))
        {
        }

        var innocent = Abandoned("/usr/bin/sleep", "600");
        await File.WriteAllTextAsync(folder.PidFile, $"{innocent.Id}\n{folder.Data}\n");

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));
        Assert.False(innocent.HasExited);
    }

    [Fact]
    public async Task Start_LockFileWithTheNumberOfAnotherServer_LeavesThatServerAlone()
    {
        var (folder, other) = (Folder(), Folder("other"));
        var otherServer = await StartedAsync(other);
        await using (await StartedAsync(folder))
        {
        }

        // As after a power cut: the number in our lock file now belongs to somebody else's PostgreSQL.
        await File.WriteAllTextAsync(folder.PidFile, $"{Pid(other)}\n{folder.Data}\n");

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));
        Assert.Null(otherServer.Fault);
        Assert.Equal(1, await AskAsync<int>(otherServer, "select 1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a number\n")]
    [InlineData("2147483646\n")]
    public async Task Start_SpoiltLockFile_RemovesIt(string content)
    {
        var folder = Folder();
        await using (await StartedAsync(folder))
        {
        }

        await File.WriteAllTextAsync(folder.PidFile, content);

        Assert.Equal(1, await AskAsync<int>(await StartedAsync(folder), "select 1"));
    }

    [Fact]
    public async Task Server_Started_IsNotReachedByATerminalsCtrlC()
    {
        var folder = Folder();
        await StartedAsync(folder);

        Assert.NotEqual(Session(Environment.ProcessId), Session(Pid(folder)));
    }

    private static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }

    private static List<string> ServersOn(PostgresFolder folder) => [.. Process.GetProcessesByName("postgres")
        .Select(process => $"/proc/{process.Id}/cmdline").Where(File.Exists)
        .Where(file => File.ReadAllText(file).Split('\0').Contains(folder.Data))];

    // Of /proc/PID/stat, after the name in brackets: state, parent, group, session.
    private static string Session(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3];
    }
}
