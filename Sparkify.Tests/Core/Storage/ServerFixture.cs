using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Tests.Core.Storage;

/// <summary>A folder for an embedded server of its own, and servers on it that are stopped afterwards.</summary>
public abstract class ServerFixture : IAsyncLifetime
{
    // Not a private folder: PostgreSQL may run under another account, which has to get in.
    private readonly string _temporary = Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"sparkify-test-{Guid.NewGuid():N}")).FullName;
    private readonly List<EmbeddedPostgres> _servers = [];
    private readonly List<Process> _processes = [];

    /// <summary>Where the folder is; a name within the temporary one.</summary>
    protected string Root(string name = "postgres") => Path.Combine(_temporary, name);

    internal PostgresFolder Folder(string name = "postgres") => new(Root(name));

    internal EmbeddedPostgres Server(PostgresFolder? folder = null, string? binaries = null)
    {
        var server = new EmbeddedPostgres(folder ?? Folder(), binaries, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance);
        _servers.Add(server);
        return server;
    }

    internal async Task<EmbeddedPostgres> StartedAsync(PostgresFolder? folder = null)
    {
        var server = Server(folder);
        await server.StartAsync(CancellationToken.None);
        return server;
    }

    /// <summary>The sentence a start is refused with.</summary>
    internal static async Task<string> RefusalAsync(EmbeddedPostgres server)
    {
        var refusal = await Assert.ThrowsAsync<SparkifyException>(() => server.StartAsync(CancellationToken.None));
        Assert.Equal(ProblemKind.Unavailable, refusal.Kind);
        return refusal.Message;
    }

    /// <summary>The first column of the first row, on a connection of its own.</summary>
    internal static async Task<T> AskAsync<T>(EmbeddedPostgres server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal static int Pid(PostgresFolder folder) => int.Parse(File.ReadLines(folder.PidFile).First());

    /// <summary>Starts a server's program as an application that was killed would have left it: nobody supervises it.</summary>
    protected Process Abandoned(string program, params string[] arguments)
    {
        var start = PostgresAccount.ForThisProcess().Start(program, arguments);
        start.RedirectStandardError = start.RedirectStandardOutput = start.RedirectStandardInput = false;
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        foreach (var process in _processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            process.Dispose();
        }

        Directory.Delete(_temporary, recursive: true);
    }
}
