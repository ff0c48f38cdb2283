using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Star;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Bench;

/// <summary>
/// The server every contender loads into, with the same settings and unlogged tables: the application's own embedded one unless another is
/// given.
/// </summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private readonly EmbeddedPostgres? _embedded;

    private BenchServer(EmbeddedPostgres? embedded, string connection)
    {
        _embedded = embedded;
        Connection = connection;
        Database = NpgsqlDataSource.Create(connection);
    }

    public string Connection { get; }

    public NpgsqlDataSource Database { get; }

    public static async Task<BenchServer> StartAsync(BenchArguments arguments, CancellationToken ct)
    {
        if (arguments.Connection is not null)
        {
            return new BenchServer(null, arguments.Connection);
        }

        EmbeddedPostgres embedded = new(
            new PostgresFolder(
                Path.Combine(arguments.Directory, "server")), null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance);
        await embedded.StartAsync(ct);
        return new BenchServer(embedded, embedded.ConnectionString("postgres"));
    }

    /// <summary>An empty staging table of the given shape; answers its name.</summary>
    public async Task<string> EmptyAsync(StarTable table, CancellationToken ct)
    {
        await ExecuteAsync(
            $"create schema if not exists bench; drop table if exists bench.{table.Name} cascade; " +
            $"create unlogged table bench.{table.Name} ({PostgresDdl.StagingColumns(table)})", ct);
        return $"bench.{table.Name}";
    }

    public async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var db = await Database.OpenConnectionAsync(ct);
        await db.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: ct));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }
}
