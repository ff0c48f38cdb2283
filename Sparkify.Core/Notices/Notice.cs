using Sparkify.Core.Runs;

namespace Sparkify.Core.Notices;

/// <summary>What somebody can be told of.</summary>
public enum NoticeEvent
{
    /// <summary>A run failed.</summary>
    Failed,

    /// <summary>A run needs a decision.</summary>
    NeedsDecision,

    /// <summary>A run succeeded with rejects or warnings.</summary>
    Warnings,

    /// <summary>A run succeeded after one of its kind had failed.</summary>
    Recovered,

    /// <summary>The guard is about to stop a cluster that nobody uses.</summary>
    Idle,

    /// <summary>A cluster has cost most of its monthly limit, or all of it.</summary>
    Spending,

    /// <summary>What readers see is older than it may be.</summary>
    Stale,
}

/// <summary>Something that somebody is told.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Time">When.</param>
/// <param name="Warehouse">Of which warehouse.</param>
/// <param name="Text">What happened, in sentences.</param>
internal sealed record Notice(NoticeEvent Event, DateTimeOffset Time, string Warehouse, string Text)
{
    /// <summary>The run it is about; none when it is about none.</summary>
    public NoticeRun? Run { get; init; }
}

/// <summary>The run that a notice is about.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Error">Why it failed; none when it did not.</param>
internal sealed record NoticeRun(long Id, RunKind Kind, RunState State, string? Error);
