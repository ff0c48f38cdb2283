using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Core.Storage;

/// <summary>The store on an embedded server, or on a given one when <paramref name="given"/> is not none.</summary>
internal sealed class Store(
    EmbeddedPostgres embedded, string? given, IEnumerable<IStoreSchema> schemas, ILogger<Store> logger)
    : IStore, IStorePassword, IAsyncDisposable
{
    private const string OwnDatabase = "sparkify";

    // Those the server keeps for its administrator are none that we can use.
    private const int LeastFree = 3;
    private readonly Lock _gate = new();
    private NpgsqlDataSource? _database;
    private bool _away;

    /// <summary>Whether the watch over it got no answer last: then nobody waits for another one.</summary>
    public bool IsAway
    {
        get => Volatile.Read(ref _away);
        set => Volatile.Write(ref _away, value);
    }

    /// <summary>Whether other processes may be at work on it: never on an embedded server.</summary>
    public bool IsShared => given is not null;

    /// <summary>What this process is called in what it tells other ones on the store.</summary>
    public string Process { get; } = Guid.NewGuid().ToString("N");

    public NpgsqlDataSource Database
    {
        get
        {
            lock (_gate)
            {
                return _database ??= NewPool(static settings => settings.MaxPoolSize = ConnectionBudget.Store);
            }
        }
    }

    public NpgsqlDataSource NewPool(Action<NpgsqlConnectionStringBuilder> settings)
    {
        var text = new NpgsqlConnectionStringBuilder(OwnConnectionString);
        text.Options = $"{text.Options} -c sparkify.process={Process}".TrimStart();
        settings(text);
        text.Password = given is null ? null : text.Password;
        // Whoever watches from outside sees pools by their names, and not by how they connect.
        var pool = new NpgsqlDataSourceBuilder(text.ConnectionString) { Name = text.ApplicationName ?? "sparkify" };
        if (given is null)
        {
            pool.UsePasswordProvider(_ => embedded.Password, (_, _) => ValueTask.FromResult(embedded.Password));
        }

        return pool.Build();
    }

    public string ConnectionString(string database, string? user = null, string? password = null)
    {
        var text = new NpgsqlConnectionStringBuilder(given ?? embedded.ConnectionString(database)) { Database = database };
        if (user is not null)
        {
            text.Username = user;
            text.Password = password;
        }

        return text.ConnectionString;
    }

    public DateTimeOffset? PasswordSince => given is null ? embedded.PasswordSince : null;

    public async Task RenewPasswordAsync(Actor actor, CancellationToken ct)
    {
        if (given is not null)
        {
            throw SparkifyException.Conflict(
                "The application uses a PostgreSQL server of your own. Change its account's password there, then in ConnectionStrings:Sparkify, and restart.");
        }

        await embedded.RenewPasswordAsync(ct);
        StorageLog.PasswordRenewed(logger, actor.Name);
    }

    public async Task<string?> FaultAsync(CancellationToken ct)
    {
        if (given is null && (embedded.Fault ?? embedded.DiskFault) is { } fault)
        {
            return fault;
        }

        if (IsAway)
        {
            return DatabaseFaults.Away;
        }

        try
        {
            await using var command = Database.CreateCommand(
                "select count(*)::integer, current_setting('max_connections')::integer from pg_stat_activity where backend_type = 'client backend'");
            command.CommandTimeout = 5;
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            var (used, most) = (reader.GetInt32(0), reader.GetInt32(1));
            return used < most - LeastFree ? null
                : $"The database has hardly a connection left: {used} of its {most} (max_connections) are in use. End some, or raise the limit.";
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            return "The database has no connection left: all of its max_connections are in use. End some, or raise the limit.";
        }
        catch (NpgsqlException ex)
        {
            return $"The application's database does not answer: {ex.Message}";
        }
    }

    /// <summary>Starts or reaches the server and brings the schema up to date. Throws a sentence when it cannot.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await ReachAsync(ct);
        await MigrateAsync(ct);
    }

    /// <summary>Brings the schema up to date. Throws a sentence when it cannot.</summary>
    public async Task MigrateAsync(CancellationToken ct)
    {
        try
        {
            await Migrations.ApplyAsync(Database, schemas, logger, ct);
            if (given is not null)
            {
                await CloseToOthersAsync(ct);
            }
        }
        catch (PostgresException ex) when (given is not null && ex.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.InvalidSchemaName)
        {
            throw SparkifyException.Unavailable(
                $"The account in ConnectionStrings:Sparkify may not create tables in that database: {ex.MessageText}. " +
                "Let an administrator make it the owner of the database.", ex);
        }
        catch (NpgsqlException ex) when (given is not null && ex is not PostgresException { SqlState: [not ('2' or '3'), ..] })
        {
            throw SparkifyException.Unavailable(
                $"The database in ConnectionStrings:Sparkify cannot be reached: {ex.Message} Check host, port, database, user and password.", ex);
        }
    }

    /// <summary>How to connect to the store's own database: never log or show it.</summary>
    public string OwnConnectionString => given ?? embedded.ConnectionString(OwnDatabase);

    /// <summary>Starts the embedded server, when it is that, with an empty database at least. Throws a sentence when it cannot.</summary>
    public async Task ReachAsync(CancellationToken ct)
    {
        if (given is null)
        {
            await embedded.StartAsync(ct);
            await CreateOwnDatabaseAsync(ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    // As on the embedded server, where the database is ours: roles of warehouses have no business in it. One that comes with a server
    // belongs to whoever else uses that.
    private async Task CloseToOthersAsync(CancellationToken ct)
    {
        await using var connection = await Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var alone = new NpgsqlCommand($"select pg_advisory_xact_lock({Migrations.Lock})", connection, transaction))
        {
            await alone.ExecuteNonQueryAsync(ct);
        }

        await using var look = new NpgsqlCommand(
            """
            select quote_ident(datname) from pg_database
            where  datname = current_database() and datname not in ('postgres', 'template1')
                   and datdba = (select oid from pg_roles where rolname = current_user)
                   and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) where grantee = 0)
            """, connection, transaction);
        if (await look.ExecuteScalarAsync(ct) is not string open)
        {
            return;
        }

        await using var close = new NpgsqlCommand($"revoke all on database {open} from public", connection, transaction);
        await close.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        StorageLog.ClosedToOthers(logger, open);
    }

    private async Task CreateOwnDatabaseAsync(CancellationToken ct)
    {
        await using var connection = await LoneConnection.OpenAsync(embedded.ConnectionString("postgres"), ct);
        await using var look = new NpgsqlCommand($"select 1 from pg_database where datname = '{OwnDatabase}'", connection);
        if (await look.ExecuteScalarAsync(ct) is null)
        {
            await using var create = new NpgsqlCommand($"create database {OwnDatabase}", connection);
            await create.ExecuteNonQueryAsync(ct);
        }

        // Every role may connect to every database unless told otherwise: those of the warehouses have no business in these.
        await using var close = new NpgsqlCommand($"revoke all on database {OwnDatabase}, postgres, template1 from public", connection);
        await close.ExecuteNonQueryAsync(ct);
    }
}
