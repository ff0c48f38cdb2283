using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Tests.Support;

/// <summary>One real PostgreSQL server for all tests of this process, with a database of its own for whoever asks.</summary>
internal static class SharedPostgres
{
    private static readonly TempFolder Folder = new();
    private static readonly Lazy<Task<EmbeddedPostgres>> Server = new(StartAsync);
    private static int _databases;

    /// <summary>How to connect to a new, empty database, as a superuser.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var server = await Server.Value;
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync();
        // Closed to everybody else before anybody is let in: on a server with an open one no personal logins are given out.
        foreach (var statement in new[]
        {
            $"create database {name} allow_connections false", $"revoke all on database {name} from public",
            $"alter database {name} allow_connections true",
        })
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }

        return server.ConnectionString(name);
    }

    /// <summary>Stops it, when it was started at all.</summary>
    public static async Task StopAsync()
    {
        if (Server.IsValueCreated)
        {
            await (await Server.Value).DisposeAsync();
            Folder.Dispose();
        }
    }

    private static async Task<EmbeddedPostgres> StartAsync()
    {
        var server = new EmbeddedPostgres(
            new PostgresFolder(Folder.Path), binaries: null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance)
        {
            // Several applications share it at once, and each divides the connections as if the server were its own.
            MostConnections = 400,
        };
        await server.StartAsync(CancellationToken.None);
        // Nothing here has to outlive a crash of the machine.
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("alter system set fsync = off", connection);
        await command.ExecuteNonQueryAsync();
        command.CommandText = "revoke all on database postgres, template1 from public; select pg_reload_conf()";
        await command.ExecuteNonQueryAsync();
        return server;
    }
}
