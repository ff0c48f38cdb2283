using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;
using Sparkify.Core.Storage.Embedded;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Storage;

/// <summary>A new password of a server whose answer is late, refused or lost: one of the two always holds, and is known.</summary>
public sealed class PasswordRenewalTests : ServerFixture
{
    [Fact]
    public async Task Renew_CancelledWhenTheServerIsTold_GoesThrough()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var before = folder.Password();
        using var impatient = new CancellationTokenSource();
        await using var holder = await HoldAsync(server);
        var renewal = server.RenewPasswordAsync(impatient.Token);
        await WaitingAsync(server);

        await impatient.CancelAsync();
        await RunAsync(holder, "rollback");
        await renewal;

        await HoldsAsync(server, folder);
        Assert.NotEqual(before, folder.Password());
    }

    [Fact]
    public async Task Renew_CancelledWhileItWaitsForAnother_LeavesThatOneAlone()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        using var impatient = new CancellationTokenSource();
        await using var holder = await HoldAsync(server);
        var first = server.RenewPasswordAsync(CancellationToken.None);
        await WaitingAsync(server);
        var second = server.RenewPasswordAsync(impatient.Token);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        var next = folder.NextPassword();
        await RunAsync(holder, "rollback");
        await first;

        await HoldsAsync(server, folder);
        Assert.Equal(next, folder.Password());
    }

    [Fact]
    public async Task Renew_ItsSessionIsEnded_TellsTheSameAgain()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        await using var holder = await HoldAsync(server);
        var renewal = server.RenewPasswordAsync(CancellationToken.None);
        var session = await WaitingAsync(server);
        var next = folder.NextPassword();

        await RunAsync(holder, $"select pg_terminate_backend({session})");
        await WaitingAsync(server, after: session);
        await RunAsync(holder, "rollback");
        await renewal;

        await HoldsAsync(server, folder);
        Assert.Equal(next, folder.Password());
    }

    [Fact]
    public async Task Renew_RefusedByTheServer_KeepsTheOneThereIs_AndWorksTheNextTime()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var before = folder.Password();
        await using var holder = await HoldAsync(server);
        var renewal = server.RenewPasswordAsync(CancellationToken.None);
        var session = await WaitingAsync(server);

        await RunAsync(holder, $"select pg_cancel_backend({session})");

        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => renewal);
        Assert.StartsWith("The database did not confirm a new password. 57014", refusal.Message, StringComparison.Ordinal);
        await HoldsAsync(server, folder);
        Assert.Equal(before, folder.Password());
        await RunAsync(holder, "rollback");
        await server.RenewPasswordAsync(CancellationToken.None);
        await HoldsAsync(server, folder);
        Assert.NotEqual(before, folder.Password());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renew_SessionsCrashBeforeItsAnswer_GoesOnWithOneThatHolds(bool durable)
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var (before, process) = (folder.Password(), Pid(folder));
        using var impatient = new CancellationTokenSource();
        await using var holder = await HoldAsync(server);
        var renewal = server.RenewPasswordAsync(impatient.Token);
        var session = await WaitingAsync(server);
        Signal("STOP", session);
        await impatient.CancelAsync();
        if (durable)
        {
            // What the stopped session was about to do, so that it is done and nobody was told.
            await RunAsync(holder, $"alter role sparkify password '{ScramVerifier.Of(folder.NextPassword()!)}'; commit");
        }

        Signal("KILL", session);
        await renewal;

        await HoldsAsync(server, folder);
        Assert.NotEqual(before, folder.Password());
        Assert.Equal(process, Pid(folder)); // the server went on and made its sessions anew
        await AskAgainAsync(server, folder);
    }

    [Fact]
    public async Task Renew_AnEarlierOneHoldsAndWasNotTakenOver_BeginsWithThat()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var next = folder.WriteNextPassword();
        await AskAsync<string>(server, $"alter role sparkify password '{ScramVerifier.Of(next)}'; select 'told'");
        var refused = await Assert.ThrowsAsync<PostgresException>(() => AskAsync<int>(server, "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);

        await AskAgainAsync(server, folder);

        Assert.NotEqual(next, folder.Password());
    }

    [Fact]
    public async Task Server_StartedAgainByItself_KeepsANextPasswordThatMayHold()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        var next = folder.WriteNextPassword();

        Signal("KILL", Pid(folder));
        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), static fault => fault is not null);
        await Eventually.BecomesAsync(() => Task.FromResult(server.Fault), static fault => fault is null);

        Assert.Equal(next, folder.NextPassword());
        await server.RenewPasswordAsync(CancellationToken.None);
        await HoldsAsync(server, folder);
        Assert.Equal(next, folder.Password());
    }

    [Fact]
    public async Task Dispose_WhileTheServerIsTold_EndsTheRenewal_AndTheNextStartFindsOut()
    {
        var folder = Folder();
        var server = await StartedAsync(folder);
        await using var holder = await HoldAsync(server);
        var renewal = server.RenewPasswordAsync(CancellationToken.None);
        await WaitingAsync(server);

        await server.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewal);
        Assert.True(File.Exists(folder.NextPasswordFile));
        await HoldsAsync(await StartedAsync(folder), folder);
    }

    // Whoever changes the role now has to wait.
    private static async Task<NpgsqlConnection> HoldAsync(EmbeddedPostgres server)
    {
        var holder = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await holder.OpenAsync();
        await RunAsync(holder, "begin; alter role sparkify connection limit -1");
        return holder;
    }

    // The process of the session that waits to change the role.
    private static Task<int> WaitingAsync(EmbeddedPostgres server, int after = 0) => Eventually.BecomesAsync(
        () => AskAsync<int>(server, string.Create(CultureInfo.InvariantCulture,
            $"select coalesce(max(pid), 0) from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter role%' and pid <> {after}")),
        static pid => pid > 0);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task HoldsAsync(EmbeddedPostgres server, PostgresFolder folder)
    {
        Assert.Equal(1, await AskAsync<int>(server, "select 1"));
        Assert.False(File.Exists(folder.NextPasswordFile));
    }

    private static async Task AskAgainAsync(EmbeddedPostgres server, PostgresFolder folder)
    {
        var before = folder.Password();
        await server.RenewPasswordAsync(CancellationToken.None);
        await HoldsAsync(server, folder);
        Assert.NotEqual(before, folder.Password());
    }

    private static void Signal(string name, int process)
    {
        using var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{name} {process}")]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
