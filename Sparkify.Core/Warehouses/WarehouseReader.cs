using System.Diagnostics;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>One transaction on the published star, in the reporter's role and with a time limit.</summary>
internal sealed class WarehouseReader : IAsyncDisposable
{
    private readonly ReaderConnection _connection;
    private readonly NpgsqlTransaction? _transaction;
    private readonly string _name;

    private WarehouseReader(string name, ReaderConnection connection, NpgsqlTransaction? transaction, long? run) =>
        (_name, _connection, _transaction, Run) = (name, connection, transaction, run);

    /// <summary>The load that published what this transaction reads; none where the warehouse does not say it (on Redshift).</summary>
    public long? Run { get; }

    /// <summary>The server's process that reads.</summary>
    public int Pid => _connection.Connection.ProcessID;

    /// <summary>One on a connection of those that readers share.</summary>
    public static Task<WarehouseReader> OpenAsync(
        IWarehouseDatabases databases, Warehouse warehouse, TimeSpan limit, CancellationToken ct) =>
        OpenAsync(() => databases.ReadAsync(warehouse, ct), warehouse, limit, ct);

    /// <summary>One on a connection of its own: what reads for long must not take the others'.</summary>
    public static Task<WarehouseReader> OpenAloneAsync(
        IWarehouseDatabases databases, Warehouse warehouse, TimeSpan limit, CancellationToken ct) =>
        OpenAsync(
            async () => new ReaderConnection(await databases.OpenAloneAsync(warehouse, WarehouseRole.Reporter, ct), places: null),
            warehouse, limit, ct);

    private static async Task<WarehouseReader> OpenAsync(
        Func<Task<ReaderConnection>> connectAsync, Warehouse warehouse, TimeSpan limit, CancellationToken ct)
    {
        try
        {
            var connection = await connectAsync();
            try
            {
                if (warehouse.Target == WarehouseTarget.Redshift)
                {
                    await PrepareRedshiftAsync(connection.Connection, warehouse.Schemas.Published, limit, ct);
                    return new WarehouseReader(warehouse.Name, connection, transaction: null, run: null);
                }

                var transaction = await connection.Connection.BeginTransactionAsync(ct);
                return new WarehouseReader(
                    warehouse.Name, connection, transaction, await PrepareLocalAsync(connection.Connection, limit, ct));
            }
            catch
            {
                await connection.DisposeAsync(); // the caller never gets it
                throw;
            }
        }
        catch (Exception ex) when (WarehouseFaults.OfTheWay(ex))
        {
            throw Problem(ex, warehouse.Name);
        }
    }

    public NpgsqlCommand Command(string sql) => new(sql, _connection.Connection, _transaction) { CommandTimeout = 0 };

    /// <summary>Runs a query; failures become sentences.</summary>
    public async Task<NpgsqlDataReader> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        try
        {
            return await command.ExecuteReaderAsync(ct);
        }
        catch (Exception ex) when (WarehouseFaults.OfTheWay(ex))
        {
            throw Problem(ex, _name);
        }
    }

    /// <summary>Runs a query and keeps up to <paramref name="most"/> rows.</summary>
    public async Task<(List<IReadOnlyList<object?>> Rows, bool More, TimeSpan Took)> RowsAsync(
        NpgsqlCommand command, int most, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        await using var reader = await ReadAsync(command, ct);
        List<IReadOnlyList<object?>> rows = [];
        try
        {
            while (await reader.ReadAsync(ct))
            {
                if (rows.Count == most)
                {
                    return (rows, true, Stopwatch.GetElapsedTime(began));
                }

                rows.Add(Cells.Row(reader));
            }
        }
        catch (Exception ex) when (WarehouseFaults.OfTheWay(ex))
        {
            throw Problem(ex, _name);
        }

        return (rows, false, Stopwatch.GetElapsedTime(began));
    }

    private static SparkifyException Problem(Exception ex, string warehouse) => ex switch
    {
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } => SparkifyException.Unavailable(
            "The warehouse took too long to answer and was stopped. Choose a shorter range, or try again when no load is running.", ex),
        PostgresException
        {
            SqlState: PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName
            or PostgresErrorCodes.InvalidCatalogName
        } =>
            SparkifyException.Conflict($"Nothing is published in '{warehouse}' any more. Load it first."),
        _ when DatabaseFaults.IsDiskFull(ex) => DatabaseFaults.Refusal(ex)!,
        PostgresException refused =>
            SparkifyException.Unavailable($"The warehouse '{warehouse}' refused the query: {refused.MessageText}", ex),
        _ =>
            SparkifyException.Unavailable(
                $"The warehouse '{warehouse}' does not answer: {ex.Message} Look at its state, then try again.", ex),
    };

    public async ValueTask DisposeAsync()
    {
        await using (_connection)
        {
            if (_transaction is not null)
            {
                await _transaction.DisposeAsync();
            }
        }
    }

    // Reading which load this is takes the star from no one and keeps a publish from coming between it and the report. Numbers of groups
    // are guessed badly where a day is computed from a time, so that workers seem dearer than they are.
    private static async Task<long?> PrepareLocalAsync(NpgsqlConnection connection, TimeSpan limit, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"""
            set transaction read only;
            set local statement_timeout = {(long)limit.TotalMilliseconds};
            set local work_mem = '64MB';
            set local parallel_setup_cost = 100;
            set local parallel_tuple_cost = 0.001;
            select run from load
            """, connection);
        return await command.ExecuteScalarAsync(ct) is long run ? run : null;
    }

    // Redshift ends no pooled session's settings by itself, but every user of this pool sets its own first. One statement per command.
    // Where there is no separate reader, only the transaction keeps who reads from writing; it ends when the connection is given back.
    private static async Task PrepareRedshiftAsync(NpgsqlConnection connection, string schema, TimeSpan limit, CancellationToken ct)
    {
        foreach (var statement in (string[])
            [$"set statement_timeout to {(long)limit.TotalMilliseconds}", $"set search_path to {schema}", "begin read only"])
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync(ct);
        }
    }
}
