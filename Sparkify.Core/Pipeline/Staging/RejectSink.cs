using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Hands rejects over one batch at a time, and ends the load when there are too many.</summary>
internal sealed class RejectSink(
    int maxRejects, StepProgress progress, Func<IReadOnlyList<StagingReject>, CancellationToken, Task> onRejects) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>How many were handed over.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them are about a file and no record of it.</summary>
    public long OfFiles { get; private set; }

    /// <summary>Hands these over.</summary>
    public async Task AddAsync(IReadOnlyList<StagingReject> rejects, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await onRejects(rejects, ct);
            Count += rejects.Count;
            OfFiles += rejects.Count(static r => r.OfFile);
            progress.AddRejects(rejects.Count);
            if (Count >= maxRejects)
            {
                var last = rejects[^1];
                throw SparkifyException.Invalid(
                    $"{Count:N0} bad record{(Count == 1 ? "" : "s")} met, and this load fails at {Math.Max(1, maxRejects):N0}. The last one is in {last.File}, " +
                    $"line {last.Line}: {last.Reason} Mend the source, or raise the warehouse's reject limit.");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();
}
