using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Whether runs can be worked on just now.</summary>
public interface IRunHealth
{
    /// <summary>Why not, as a sentence; none when the store and the scheduler answer.</summary>
    Task<string?> FaultAsync(CancellationToken ct);
}

internal sealed class RunHealth(IStore store, IRunScheduler scheduler) : IRunHealth
{
    public async Task<string?> FaultAsync(CancellationToken ct) =>
        await store.FaultAsync(ct) is { } fault ? fault
        : scheduler.IsAlive() ? null
        : "The scheduler is not at work: it is starting or stopping.";
}
