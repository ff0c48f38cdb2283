using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>The durable job queue behind the runs; one folder knows which one it is.</summary>
internal interface IRunScheduler
{
    /// <summary>
    /// Queues the work of a run, at once or after a while, within the transaction of <paramref name="db"/> (see
    /// <see cref="Storage.StoreTransaction"/>): both stand or neither. <paramref name="committed"/> is called when they stand, before the
    /// work can begin here.
    /// </summary>
    /// <returns>The job's number.</returns>
    /// <param name="run">The run's number.</param>
    /// <param name="title">What it does, for operators, such as "Load sample".</param>
    /// <param name="db">The transaction's one connection.</param>
    /// <param name="delay">After how long; zero for at once.</param>
    /// <param name="committed">Called when run and job stand.</param>
    long Enqueue(long run, string title, NpgsqlConnection db, TimeSpan delay, Action committed);

    /// <summary>Those of some jobs that wait in the queue, or for their time.</summary>
    Task<IReadOnlySet<long>> WaitingAsync(IReadOnlyList<long> jobs, CancellationToken ct);

    /// <summary>Whether the queue is at work.</summary>
    bool IsAlive();
}
