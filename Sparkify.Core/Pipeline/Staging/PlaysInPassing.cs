using System.Runtime.CompilerServices;
using Npgsql;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// Sends the plays of events along with the events: every worker makes those of its own, and all go through one COPY into one table.
/// </summary>
internal sealed class PlaysInPassing(NpgsqlDataSource database, string schema, PlayCatalogue catalogue) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CopySender _sender = new(
        database, $"{schema}.{StarSchema.Songplays.Name}", $"({PostgresDdl.Columns(StarSchema.Songplays)})",
        StarSchema.Songplays.Columns.Select(static c => c.Name));

    /// <summary>What makes plays, for one worker.</summary>
    public PlayEncoder NewEncoder(int bytes) => new(catalogue, bytes);

    /// <summary>Sends plays.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> plays, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await _sender.SendAsync(plays, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Makes them stay.</summary>
    public Task<bool> CompleteAsync(CancellationToken ct) => _sender.CompleteAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _sender.DisposeAsync();
        _turn.Dispose();
    }
}
