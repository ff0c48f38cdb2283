using System.Runtime.CompilerServices;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Where the rows of one worker go: to a part of the job's table, and what they make of plays to all workers' plays.</summary>
/// <param name="job">Whose rows.</param>
/// <param name="part">Which worker's, from 1.</param>
/// <param name="bufferBytes">How many bytes of plays there are, mostly.</param>
internal sealed class WorkerSink(StagingJob job, int part, int bufferBytes) : IAsyncDisposable
{
    // A batch of nothing but short records makes many more bytes of plays than it has; that much memory is not kept for long.
    private const int UsualPlayBytes = 4 * 1024 * 1024;

    private readonly CopySender? _rows = job.OnlyChecks ? null : new(
        job.Database, $"{job.QualifiedTable}_{part}", $"(like {job.QualifiedTable})",
        job.Table.Columns.Concat(StarSchema.Origin).Select(static c => c.Name));

    private readonly PlayEncoder? _plays = job.Plays?.NewEncoder(bufferBytes);

    /// <summary>Sends whole rows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> rows, CancellationToken ct)
    {
        if (_rows is not null)
        {
            await _rows.SendAsync(rows, ct);
        }

        if (_plays is not null)
        {
            _plays.Encode(rows.Span);
            await job.Plays!.SendAsync(_plays.Rows.Content, ct);
            if (_plays.Rows.Capacity > UsualPlayBytes)
            {
                _plays.Rows.Length = 0;
                _plays.Rows.Resize(UsualPlayBytes);
            }
        }
    }

    /// <summary>Makes the rows stay; gives their table, or none when there are no rows.</summary>
    public async Task<string?> CompleteAsync(CancellationToken ct) =>
        _rows is not null && await _rows.CompleteAsync(ct) ? _rows.Table : null;

    public async ValueTask DisposeAsync()
    {
        _plays?.Dispose();
        if (_rows is not null)
        {
            await _rows.DisposeAsync();
        }
    }
}
