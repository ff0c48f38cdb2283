using System.Runtime.CompilerServices;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Where the rows of one worker go: to a part of the job's table, and past what is made of them in passing.</summary>
/// <param name="job">Whose rows.</param>
/// <param name="part">Which worker's, from 1.</param>
/// <param name="bufferBytes">How many bytes of them there are at once, mostly.</param>
internal sealed class WorkerSink(StagingJob job, int part, int bufferBytes) : IAsyncDisposable
{
    private readonly CopySender? _rows = job.OnlyChecks ? null : new(
        job.Database, $"{job.QualifiedTable}_{part}", $"(like {job.QualifiedTable})",
        job.Table.Columns.Concat(StarSchema.Origin).Select(static c => c.Name));

    private readonly PassingWorker? _passing = job.Passing?.NewWorker(bufferBytes);

    /// <summary>Sends whole rows.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> rows, CancellationToken ct)
    {
        if (_rows is not null)
        {
            await _rows.SendAsync(rows, ct);
        }

        if (_passing is not null)
        {
            await _passing.TakeAsync(rows, ct);
        }
    }

    /// <summary>Makes the rows stay; gives their table, or none when there are no rows.</summary>
    public async Task<string?> CompleteAsync(CancellationToken ct) =>
        _rows is not null && await _rows.CompleteAsync(ct) ? _rows.Table : null;

    public async ValueTask DisposeAsync()
    {
        _passing?.Dispose();
        if (_rows is not null)
        {
            await _rows.DisposeAsync();
        }
    }
}
