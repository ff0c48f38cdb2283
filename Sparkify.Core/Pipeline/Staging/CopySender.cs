using System.Runtime.CompilerServices;
using Npgsql;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// One binary COPY into the job's table over its own connection, begun with the first rows. Unless completed, it leaves nothing.
/// </summary>
internal sealed class CopySender(StagingJob job) : IAsyncDisposable
{
    private static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xFF, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Trailer = [0xFF, 0xFF];

    private NpgsqlConnection? _connection;
    private NpgsqlRawCopyStream? _copy;
    private bool _completed;

    /// <summary>Sends whole rows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> rows, CancellationToken ct)
    {
        if (job.OnlyChecks)
        {
            return;
        }

        if (_copy is null)
        {
            _connection = await job.Database.OpenConnectionAsync(ct);
            _copy = await _connection.BeginRawBinaryCopyAsync(Command(), ct);

            // A COPY may wait for the server's disk as long as it takes; cancelling ends it.
            _copy.WriteTimeout = Timeout.Infinite;
            _copy.ReadTimeout = Timeout.Infinite;
            await _copy.WriteAsync(Header, ct);
        }

        await _copy.WriteAsync(rows, ct);
    }

    /// <summary>Makes the rows stay.</summary>
    public async Task CompleteAsync(CancellationToken ct)
    {
        if (_copy is not null)
        {
            await _copy.WriteAsync(Trailer, ct);
            await _copy.FlushAsync(ct);
            _completed = true;
            await _copy.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null && !_completed)
        {
            await CancelAsync(_copy);
        }

        if (_connection is not null)
        {
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

    private string Command() =>
        $"COPY {job.QualifiedTable} ({string.Join(", ", job.Table.Columns.Select(c => c.Name))}, {string.Join(", ", StarSchema.Origin.Select(static c => c.Name))}) FROM STDIN (FORMAT binary)";
}
