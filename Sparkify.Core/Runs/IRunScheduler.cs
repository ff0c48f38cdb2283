using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>The durable job queue behind the runs; one adapter knows which one it is.</summary>
internal interface IRunScheduler
{
    /// <summary>
    /// Queues the work of a run within a transaction, and commits it: either both stand or neither. <paramref name="committed"/>
    /// is called when they stand, before the work can begin here.
    /// </summary>
    Task EnqueueAndCommitAsync(long run, NpgsqlTransaction transaction, Action committed, CancellationToken ct);

    /// <summary>Whether the queue is at work.</summary>
    Task<bool> AliveAsync(CancellationToken ct);
}
