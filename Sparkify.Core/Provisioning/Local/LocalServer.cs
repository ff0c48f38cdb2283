using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Local;

/// <summary>The server that local warehouses live on, seen as its administrator.</summary>
internal sealed class LocalServer(IStore store, IWarehouseJournal journal) : IAsyncDisposable
{
    private readonly Lazy<NpgsqlDataSource> _pool = new(() => store.NewPool(static settings =>
    {
        settings.MaxPoolSize = ConnectionBudget.Provisioning;
        settings.ApplicationName = "sparkify provision";
    }));

    /// <summary>
    /// A connection to the application's own database, from which databases and roles are made. Throws a sentence when the account may not.
    /// </summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        var connection = await _pool.Value.OpenConnectionAsync(ct);
        try
        {
            await using var command = new NpgsqlCommand(
                "select current_user, rolsuper or (rolcreatedb and rolcreaterole) from pg_roles where rolname = current_user", connection);
            await using var reader = await command.ExecuteReaderAsync(ct);
            await reader.ReadAsync(ct);
            if (!reader.GetBoolean(1))
            {
                throw SparkifyException.Denied(
                    $"The database account '{reader.GetString(0)}' in ConnectionStrings:Sparkify may not create databases and roles. " +
                    $"Let an administrator run: ALTER ROLE \"{reader.GetString(0)}\" CREATEDB CREATEROLE");
            }
        }
        catch
        {
            await connection.DisposeAsync(); // the caller never gets it
            throw;
        }

        return connection;
    }

    public ValueTask DisposeAsync() => _pool.IsValueCreated ? _pool.Value.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>A connection to a warehouse's database as the administrator.</summary>
    public Task<NpgsqlConnection> OpenDatabaseAsync(string database, CancellationToken ct) =>
        LoneConnection.OpenAsync(store.ConnectionString(database), ct);

    /// <summary>The number of the server's version, and whether our account is a superuser there.</summary>
    public async Task<(int Version, bool Superuser)> AskAsync(CancellationToken ct)
    {
        await using var command = store.Database.CreateCommand(
            "select current_setting('server_version_num')::integer, rolsuper from pg_roles where rolname = current_user");
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.GetBoolean(1));
    }

    /// <summary>The databases, quoted where they need it, that whoever has a login of the server may connect to.</summary>
    public async Task<IReadOnlyList<string>> OpenToAllAsync(CancellationToken ct)
    {
        await using var command = store.Database.CreateCommand(
            """
            select quote_ident(datname) from pg_database
            where  datallowconn and exists (
                select from aclexplode(coalesce(datacl, acldefault('d', datdba))) where grantee = 0 and privilege_type = 'CONNECT')
            order  by datname
            """);
        await using var reader = await command.ExecuteReaderAsync(ct);
        List<string> open = [];
        while (await reader.ReadAsync(ct))
        {
            open.Add(reader.GetString(0));
        }

        return open;
    }

    /// <summary>The comment that marks what this application made for one warehouse.</summary>
    public async Task<string> TagAsync(string warehouse, CancellationToken ct) =>
        $"sparkify:warehouse={warehouse};store={await journal.StoreIdAsync(ct)}";

    /// <summary>Runs one statement. Names and literals in it are ours, quoted; the server takes no parameters in these.</summary>
    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Drops a role; it may have gone already. Throws a sentence when the server keeps it for what it owns, or was granted, elsewhere.
    /// </summary>
    public static async Task DropRoleAsync(NpgsqlConnection connection, string role, CancellationToken ct)
    {
        try
        {
            await ExecuteAsync(connection, $"drop role if exists \"{role}\"", ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DependentObjectsStillExist)
        {
            throw SparkifyException.Conflict(
                $"The role {role} is still there, since the server drops nobody who stands in something: {(e.Detail ?? e.MessageText).ReplaceLineEndings("; ")}. Look there what that is, take it away, and try again.");
        }
    }

    /// <summary>Everything on the server that carries a warehouse's mark: kind and name.</summary>
    public static async Task<IReadOnlyList<(string Kind, string Name)>> MarkedAsync(
        NpgsqlConnection connection, string tag, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            """
            select 'database', datname from pg_database where shobj_description(oid, 'pg_database') = $1
            union all
            select 'role', rolname from pg_roles where shobj_description(oid, 'pg_authid') = $1
            order by 1, 2
            """, connection);
        command.Parameters.Add(new() { Value = tag });
        List<(string, string)> found = [];
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            found.Add((reader.GetString(0), reader.GetString(1)));
        }

        return found;
    }
}
