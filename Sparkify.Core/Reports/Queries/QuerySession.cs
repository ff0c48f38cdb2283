using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>
/// A connection for exactly one statement of a person. What the statement may do is what the reporter's role may do; beyond that, the
/// transaction is read-only, the server takes one statement only, and the session ends with it, with whatever was set, prepared or held.
/// </summary>
internal sealed class QuerySession : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private QuerySession(NpgsqlConnection connection, NpgsqlCommand command) => (_connection, Command) = (connection, command);

    /// <summary>The statement.</summary>
    public NpgsqlCommand Command { get; }

    public static async Task<QuerySession> OpenAsync(
        IWarehouseDatabases databases, QueryPlace place, Warehouse warehouse, string sql, IReadOnlyList<string> values, TimeSpan limit,
        CancellationToken ct)
    {
        var connection = await databases.OpenAloneAsync(warehouse, WarehouseRole.Reporter, ct);
        try
        {
            place.WorksBy(QueryBackend.Of(warehouse, connection.ProcessID));
            var milliseconds = ((long)limit.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            await ExecuteAsync(connection, $"set statement_timeout to {milliseconds}", ct);
            if (warehouse.Target == WarehouseTarget.Redshift)
            {
                // A local connection comes with it; to Redshift none can be given along. So tables need no schema before them on either.
                await ExecuteAsync(connection, $"set search_path to {warehouse.Schemas.Published}", ct);
            }

            await ExecuteAsync(connection, "begin read only", ct);
            // After its first query a transaction can no longer be made one that writes.
            await ExecuteAsync(connection, "select 1", ct);
        }
        catch
        {
            await connection.DisposeAsync(); // the caller never gets it
            throw;
        }

        // Values come as the server writes them: any type can be shown, and none can fail. A parameter, even where none is used, has the
        // text sent as it is: Npgsql would else take it apart at its semicolons and run one statement after the other. Parameters in use
        // have no type of ours: the server finds it where they stand, as it does for a text in quotes.
        var command = new NpgsqlCommand(PastedSql.Clean(sql), connection) { CommandTimeout = 0, AllResultTypesAreUnknown = true };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Unknown, Value = value });
        }

        if (values.Count == 0)
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = DBNull.Value });
        }

        return new QuerySession(connection, command);
    }

    /// <summary>Sends the statement. Rows are read one by one and cell by cell: no row and no cell has to fit into memory.</summary>
    public Task<NpgsqlDataReader> ReadAsync(CancellationToken ct) =>
        Command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, ct);

    /// <summary>Asks the server to stop; what it has sent can still be read.</summary>
    public void Cancel() => Command.Cancel();

    public async ValueTask DisposeAsync()
    {
        await using (_connection)
        {
            await Command.DisposeAsync();
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(PastedSql.Clean(sql), connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}

/// <summary>Columns and failures of queries, for people.</summary>
internal static class QueryWords
{
    private static readonly HashSet<string> Numbers = new(StringComparer.Ordinal)
    {
        "smallint", "integer", "bigint", "real", "double precision", "numeric", "oid",
    };

    public static IReadOnlyList<QueryColumn> Columns(NpgsqlDataReader reader) =>
        [.. Enumerable.Range(0, reader.FieldCount).Select(at => Column(reader.GetName(at), reader.GetDataTypeName(at)))];

    /// <summary>
    /// What went wrong of what one <see cref="Knows"/>, with the place in the text the person wrote; <paramref name="before"/> characters
    /// of ours stand before it.
    /// </summary>
    public static QueryError Error(Exception ex, string sql, TimeSpan limit, int before = 0)
    {
        if (ex is PostgresException postgres)
        {
            var hint = string.IsNullOrWhiteSpace(postgres.Hint) ? null : postgres.Hint;
            switch (postgres.SqlState)
            {
                case PostgresErrorCodes.QueryCanceled:
                    return new QueryError($"It took longer than {limit.TotalSeconds:0.#} s and was stopped. Narrow it down, or load its rows as CSV, which may take longer.");
                case PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ReadOnlySqlTransaction:
                    return At($"{Sentence(postgres.MessageText)} Queries run in a role that only reads.", hint);
                case PostgresErrorCodes.DiskFull:
                    return new QueryError(DatabaseFaults.DiskFull);
                case PostgresErrorCodes.SyntaxError when postgres.MessageText.Contains("multiple commands", StringComparison.Ordinal):
                    return new QueryError("One statement at a time: take the others away.");
                default:
                    return At(Sentence(postgres.MessageText), hint);
            }

            QueryError At(string message, string? hint)
            {
                var (line, column) = Place(sql, postgres.Position - before);
                return new QueryError(message, line, column, hint);
            }
        }

        // COPY has a protocol of its own; Npgsql says so, and the connection is not used any more.
        return ex is NotSupportedException
            ? new QueryError("This statement gives no rows that could be shown here (COPY does not work here: use the CSV).")
            : new QueryError($"The warehouse does not answer: {ex.Message}");
    }

    /// <summary>Whether there are words for what went wrong.</summary>
    public static bool Knows(Exception ex) => ex is NotSupportedException || WarehouseFaults.OfTheWay(ex);

    /// <summary>What is said of anything else; the log has it within the present trace.</summary>
    public static QueryError Unexpected() => new(Signals.TraceId is { } trace
        ? $"Something unexpected happened; the application's log has the details under {trace}."
        : "Something unexpected happened; the application's log has the details.");

    // The server counts characters from 1, over lines.
    private static (int? Line, int? Column) Place(string sql, int position)
    {
        if (position <= 0)
        {
            return (null, null);
        }

        var (line, column) = (1, 1);
        foreach (var rune in sql.EnumerateRunes())
        {
            if (--position == 0)
            {
                break;
            }

            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + rune.Utf16SequenceLength);
        }

        return (line, column);
    }

    private static QueryColumn Column(string name, string type) => new(name, type, Numbers.Contains(type.Split('(')[0]));

    private static string Sentence(string text) =>
        text.Length == 0 ? "" : $"{char.ToUpperInvariant(text[0])}{text[1..]}{(text.EndsWith('.') ? "" : ".")}";
}
