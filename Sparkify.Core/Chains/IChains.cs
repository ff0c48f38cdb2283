using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Chains;

/// <summary>What becomes of the warehouse at the end of a chain.</summary>
public enum ChainEnd
{
    /// <summary>It stays up.</summary>
    Leave,

    /// <summary>Its cluster is paused.</summary>
    Pause,

    /// <summary>It is torn down, with all the data in it.</summary>
    Teardown,
}

/// <summary>What brings the warehouse of a chain up.</summary>
public enum ChainOpening
{
    /// <summary>It is up.</summary>
    Nothing,

    /// <summary>It is provisioned.</summary>
    Provision,

    /// <summary>Its cluster is resumed.</summary>
    Resume,
}

/// <summary>Where a chain stands.</summary>
public enum ChainState
{
    /// <summary>At work.</summary>
    Running,

    /// <summary>Every part succeeded.</summary>
    Succeeded,

    /// <summary>A part did not succeed.</summary>
    Failed,

    /// <summary>Somebody cancelled it; what it began was ended.</summary>
    Cancelled,
}

/// <summary>Where a part of a chain stands.</summary>
public enum PartState
{
    /// <summary>Its turn has not come.</summary>
    Pending,

    /// <summary>Its run waits for its turn or works.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Its run failed, or its load was discarded.</summary>
    Failed,

    /// <summary>Its run was cancelled.</summary>
    Cancelled,

    /// <summary>Its load waits for a person, which the chain does not.</summary>
    NeedsDecision,

    /// <summary>There is no run of it: the warehouse was in no state for one.</summary>
    Refused,

    /// <summary>It was left out, because a part before it did not succeed or the chain was cancelled.</summary>
    Skipped,
}

/// <summary>A chain that is asked for.</summary>
/// <param name="Reports">The ids of the reports that are saved as files after the load; none saves none.</param>
/// <param name="End">What becomes of the warehouse at its end.</param>
/// <param name="Confirm">The warehouse's name, typed, where it is to be torn down; else it does not count.</param>
/// <param name="Opens">
/// What was confirmed to bring the warehouse up, so that nothing else is done than that; none takes it as it comes, which a chain that
/// tears down does not.
/// </param>
public sealed record NewChain(IReadOnlyList<string> Reports, ChainEnd End, string? Confirm = null, ChainOpening? Opens = null);

/// <summary>A part of a chain.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Run">Its run; none before it began, and when it never did.</param>
/// <param name="Said">Why it failed, was refused or was left out, as a sentence.</param>
public sealed record ChainPart(RunKind Kind, PartState State, long? Run = null, string? Said = null);

/// <summary>Several runs of a warehouse, one after the other, that were confirmed at once.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">Its warehouse.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Said">How it went, in sentences; none while it works.</param>
/// <param name="Reports">The ids of the reports it saves.</param>
/// <param name="End">What becomes of the warehouse at its end.</param>
/// <param name="Actor">Who confirmed it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="CancelledBy">Who cancelled it; none when nobody did.</param>
/// <param name="Parts">Its parts in their order.</param>
public sealed record Chain(
    long Id, string Warehouse, ChainState State, string? Said, IReadOnlyList<string> Reports, ChainEnd End, string Actor,
    DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt, string? CancelledBy, IReadOnlyList<ChainPart> Parts);

/// <summary>Chains of runs: up, load, reports, and down again, which ends what it began also when a part fails.</summary>
[Guarded]
public interface IChains
{
    /// <summary>
    /// Starts a chain. Takes the rights of all its parts. Throws a sentence when a report does not exist, when its end does not fit the
    /// warehouse or is not confirmed, and a conflict when the warehouse has a run or a chain at work, or is not what was confirmed any
    /// more.
    /// </summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Chain> StartAsync(string warehouse, NewChain chain, Actor actor, CancellationToken ct);

    /// <summary>
    /// Has a chain stop the part at work and go on with its end. A conflict when it has ended, or when its end is at work already.
    /// </summary>
    [Needs(Right.Operate, Subject.Warehouse)]
    [Recorded]
    Task<Chain> CancelAsync(string warehouse, long id, Actor actor, CancellationToken ct);

    /// <summary>A chain by its number; a not-found <see cref="SparkifyException"/> when the warehouse has none of it.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<Chain> GetAsync(string warehouse, long id, CancellationToken ct);

    /// <summary>The latest chains of a warehouse, the newest first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<Chain>> ListAsync(string warehouse, CancellationToken ct);

    /// <summary>The warehouses whose chains change, from now on.</summary>
    [Needs(Right.See, Subject.Seen)]
    Subscription<string> Subscribe();
}
