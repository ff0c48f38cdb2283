using System.Runtime.CompilerServices;
using Dapper;
using Npgsql;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// One binary COPY over its own connection, begun with the first rows, into a table that it makes in the same transaction. So its rows are
/// written once: without the server's log where that is <c>minimal</c>, and as frozen as a vacuum would leave them. Unless completed, it
/// leaves nothing.
/// </summary>
/// <param name="database">Connections as the loader.</param>
/// <param name="table">The table's name, with its schema; one that is there is replaced.</param>
/// <param name="shape">Its columns, as CREATE TABLE takes them.</param>
/// <param name="columns">The columns of a row, in order.</param>
internal sealed class CopySender(NpgsqlDataSource database, string table, string shape, IEnumerable<string> columns) : IAsyncDisposable
{
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;
    private NpgsqlRawCopyStream? _copy;
    private bool _completed;

    /// <summary>The table's name, with its schema.</summary>
    public string Table { get; } = table;

    /// <summary>Sends whole rows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> rows, CancellationToken ct)
    {
        if (_copy is null)
        {
            _connection = await database.OpenConnectionAsync(ct);
            _transaction = await _connection.BeginTransactionAsync(ct);
            await _connection.ExecuteAsync(new CommandDefinition(
                $"drop table if exists {Table} cascade; create table {Table} {shape} with ({PostgresDdl.WrittenOnce})",
                transaction: _transaction, cancellationToken: ct));
            _copy = await _connection.BeginRawBinaryCopyAsync(
                $"COPY {Table} ({string.Join(", ", columns)}) FROM STDIN (FORMAT binary, FREEZE)", ct);

            // A COPY may wait for the server's disk as long as it takes; cancelling ends it.
            _copy.WriteTimeout = Timeout.Infinite;
            _copy.ReadTimeout = Timeout.Infinite;
            await _copy.WriteAsync(Header, ct);
        }

        await _copy.WriteAsync(rows, ct);
    }

    /// <summary>Makes the rows stay in their table; gives whether there are any.</summary>
    public async Task<bool> CompleteAsync(CancellationToken ct)
    {
        if (_copy is null)
        {
            return false;
        }

        await _copy.WriteAsync(Trailer, ct);
        await _copy.FlushAsync(ct);
        _completed = true;
        await _copy.DisposeAsync();
        await _transaction!.CommitAsync(ct);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null && !_completed)
        {
            await CancelAsync(_copy);
        }

        if (_connection is not null)
        {
            // Ends a transaction that is still open, and the table it made.
            await _connection.DisposeAsync();
        }
    }

    private static async Task CancelAsync(NpgsqlRawCopyStream copy)
    {
        try
        {
            // Disposing alone would complete the COPY.
            await copy.CancelAsync();
            await copy.DisposeAsync();
        }
        catch (ObjectDisposedException)
        {
            // A write that was cancelled halfway has ended the connection, and the COPY with it.
        }
        catch (NpgsqlException)
        {
            // The server is gone, or refused the COPY before: nothing stays either way, and the first failure is the one to tell.
        }
    }
}
