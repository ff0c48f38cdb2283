using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Runs;

/// <summary>Starts, steers and shows runs.</summary>
[Guarded]
public interface IRuns
{
    /// <summary>
    /// Queues a run and returns it. Throws a <see cref="SparkifyException"/>: a conflict with the active run's number when the
    /// warehouse has one, or a sentence when the warehouse's state does not allow it.
    /// </summary>
    /// <param name="warehouse">The warehouse's name.</param>
    /// <param name="kind">What to do.</param>
    /// <param name="actor">Who asks for it.</param>
    /// <param name="ct">Gives up asking; a run that is queued stays queued.</param>
    /// <param name="then">Queued by itself when this run succeeds, under the same actor.</param>
    /// <param name="key">
    /// What the caller calls this request: asked again within 24 hours it gives the run it started. A refusal when it stands for another.
    /// </param>
    /// <param name="star">What to put back: the load that built it, or none for the star of before. Only for that kind of run.</param>
    /// <param name="mode">How much of its source a load reads; none for the warehouse's own choice. Only for loads.</param>
    /// <param name="snapshot">The snapshot a provisioning makes its cluster from; none for an empty one. Only for provisionings.</param>
    [Needs(Right.OfTheRun, Subject.Warehouse)]
    [Recorded]
    Task<RunView> StartAsync(
        string warehouse, RunKind kind, Actor actor, CancellationToken ct, RunKind? then = null, string? key = null, long? star = null,
        LoadMode? mode = null, string? snapshot = null);

    /// <summary>
    /// Asks a run to stop; its running SQL is cancelled. One that needs a decision is discarded. A conflict when it has ended already.
    /// </summary>
    [Needs(Right.Operate, Subject.Run)]
    [Recorded]
    Task<RunView> CancelAsync(long run, Actor actor, CancellationToken ct);

    /// <summary>
    /// Queues a failed or cancelled run again, from its first step that is not done. Only a warehouse's latest run can be retried.
    /// </summary>
    [Needs(Right.OfTheRun, Subject.Run)]
    [Recorded]
    Task<RunView> RetryAsync(long run, Actor actor, CancellationToken ct);

    /// <summary>
    /// Publishes what a load made though it is hard to believe. A conflict when the run asks nothing (any more), when another run is at
    /// work, and when the warehouse is not available.
    /// </summary>
    /// <param name="run">The run's number.</param>
    /// <param name="why">Why, in the person's words; kept with the run.</param>
    /// <param name="actor">Who decides.</param>
    /// <param name="ct">Gives up asking.</param>
    [Needs(Right.Operate, Subject.Run)]
    [Recorded]
    Task<RunView> PublishAsync(long run, string? why, Actor actor, CancellationToken ct);

    /// <summary>
    /// Ends a load that needs a decision; readers keep the star of before. A conflict when the run asks nothing (any more).
    /// </summary>
    /// <param name="run">The run's number.</param>
    /// <param name="why">Why, in the person's words; kept with the run.</param>
    /// <param name="actor">Who decides.</param>
    /// <param name="ct">Gives up asking.</param>
    [Needs(Right.Operate, Subject.Run)]
    [Recorded]
    Task<RunView> DiscardAsync(long run, string? why, Actor actor, CancellationToken ct);

    /// <summary>A run by its number, or none.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<RunView?> FindAsync(long run, CancellationToken ct);

    /// <summary>A page of runs.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<Page<RunView>> HistoryAsync(RunFilter filter, CancellationToken ct);

    /// <summary>
    /// How many runs a filter would list if it asked for no state and no rejects; its page and its order do not count.
    /// </summary>
    [Needs(Right.See, Subject.Seen)]
    Task<RunTally> TallyAsync(RunFilter filter, CancellationToken ct);

    /// <summary>Every run of some kinds on a warehouse, in the order they were asked for.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<RunView>> OfKindsAsync(string warehouse, IReadOnlyList<RunKind> kinds, CancellationToken ct);

    /// <summary>For each warehouse its latest run of each kind, and its active run.</summary>
    [Needs(Right.See, Subject.Seen)]
    Task<IReadOnlyList<RunView>> LatestAsync(CancellationToken ct);

    /// <summary>Every attempt at every step of a run, in order of time.</summary>
    [Needs(Right.See, Subject.Run)]
    Task<IReadOnlyList<StepAttempt>> AttemptsAsync(long run, CancellationToken ct);

    /// <summary>
    /// Log lines after a sequence number, in order, at most <paramref name="most"/>; the latest ones when there are more.
    /// </summary>
    [Needs(Right.See, Subject.Run)]
    Task<IReadOnlyList<RunLogLine>> LogAsync(long run, int after, int most, CancellationToken ct);

    /// <summary>The whole log of a run as it stands, line by line.</summary>
    [Needs(Right.See, Subject.Run)]
    IAsyncEnumerable<RunLogLine> WholeLogAsync(long run, CancellationToken ct);

    /// <summary>Every change of every run, or of one, from now on. Subscribe before reading the present state.</summary>
    [Needs(Right.See, Subject.Seen)]
    Subscription<RunView> Subscribe(long? run = null);

    /// <summary>Log lines of one run from now on. Subscribe before reading the present log.</summary>
    [Needs(Right.See, Subject.Run)]
    Subscription<RunLogLine> SubscribeToLog(long run);
}
