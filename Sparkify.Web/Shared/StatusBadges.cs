using System.Diagnostics;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Web.Shared;

/// <summary>The mood of a badge; the style sheet gives each its colours.</summary>
public enum Tone
{
    /// <summary>Nothing to say.</summary>
    Neutral,

    /// <summary>At work.</summary>
    Busy,

    /// <summary>All well.</summary>
    Good,

    /// <summary>Look at it.</summary>
    Warn,

    /// <summary>It failed.</summary>
    Bad,

    /// <summary>A person must decide.</summary>
    Decide,
}

/// <summary>How a state looks: its words, mood and icon.</summary>
public sealed record BadgeLook(string Text, Tone Tone, string Icon);

/// <summary>How every state looks, in one place and without any component. A state without a look throws instead of showing grey.</summary>
public static class StatusBadges
{
    /// <summary>A run's state alone.</summary>
    public static BadgeLook For(RunState state) => state switch
    {
        RunState.Queued => new("Queued", Tone.Neutral, "clock"),
        RunState.Running => new("Running", Tone.Busy, "bars"),
        RunState.Succeeded => new("Succeeded", Tone.Good, "check"),
        RunState.Failed => new("Failed", Tone.Bad, "cross"),
        RunState.Cancelled => new("Cancelled", Tone.Neutral, "stop"),
        RunState.NeedsDecision => new("Needs a decision", Tone.Decide, "question"),
        RunState.Discarded => new("Discarded", Tone.Neutral, "stop"),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>A run with what its state alone does not say: rejects it met, a cancel that is under way.</summary>
    public static BadgeLook For(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run switch
        {
            { State: RunState.Succeeded, Rejects: var rejects, Warnings: var warnings } when rejects + warnings > 0 => new(
                "Succeeded with " + string.Join(" and ", new[]
                {
                    rejects > 0 ? Format.Count(rejects, "reject") : null, warnings > 0 ? Format.Count(warnings, "warning") : null,
                }.OfType<string>()), Tone.Warn, "alert"),
            { Active: true, CancelRequested: true } => new("Cancelling", Tone.Warn, "stop"),
            { State: RunState.Running, WaitsFor: not null } => new("Waiting", Tone.Neutral, "clock"),
            { State: RunState.Queued, Place: > 1 and var place } => new($"Queued, {Format.Ordinal(place)} in line", Tone.Neutral, "clock"),
            _ => For(run.State),
        };
    }

    /// <summary>A step's state.</summary>
    public static BadgeLook For(StepState state) => state switch
    {
        StepState.Pending => new("Pending", Tone.Neutral, "dot"),
        StepState.Running => new("Running", Tone.Busy, "bars"),
        StepState.Succeeded => new("Succeeded", Tone.Good, "check"),
        StepState.Failed => new("Failed", Tone.Bad, "cross"),
        StepState.Cancelled => new("Cancelled", Tone.Neutral, "stop"),
        StepState.Skipped => new("Skipped", Tone.Neutral, "skip"),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>Where a warehouse stands, or what is happening to it just now.</summary>
    public static BadgeLook For(WarehouseState state, RunView? active) => active switch
    {
        { State: RunState.Running } => new(Format.Doing(active.Kind), Tone.Busy, "bars"),
        { State: RunState.Queued } => new($"{Format.Kind(active.Kind)} queued", Tone.Neutral, "clock"),
        _ => For(state),
    };

    /// <summary>Where a warehouse stands.</summary>
    public static BadgeLook For(WarehouseState state) => state switch
    {
        WarehouseState.Defined => new("Not provisioned", Tone.Neutral, "dot"),
        WarehouseState.Available => new("Available", Tone.Good, "check"),
        WarehouseState.Paused => new("Paused", Tone.Warn, "pause"),
        WarehouseState.Removed => new("Removed", Tone.Neutral, "stop"),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>How a check came out.</summary>
    public static BadgeLook For(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => new("Passed", Tone.Good, "check"),
        CheckOutcome.Warning => new("Warning", Tone.Warn, "alert"),
        CheckOutcome.NeedsDecision => new("Unlikely", Tone.Decide, "question"),
        CheckOutcome.Failed => new("Failed", Tone.Bad, "cross"),
        _ => throw new UnreachableException($"No badge for {outcome}."),
    };

    /// <summary>Whether a resource may still exist.</summary>
    public static BadgeLook For(OwnedResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource switch
        {
            { RemovedAt: null } => new("Exists", Tone.Good, "check"),
            { LeftAlone: true } => new("Left alone, not ours", Tone.Warn, "alert"),
            _ => new("Gone", Tone.Neutral, "stop"),
        };
    }

    /// <summary>How what is recorded fits what is there.</summary>
    public static BadgeLook For(DriftState state) => state switch
    {
        DriftState.InStep => new("As recorded", Tone.Good, "check"),
        DriftState.Changed => new("Changed", Tone.Warn, "edit"),
        DriftState.Missing => new("Missing", Tone.Bad, "cross"),
        DriftState.Unrecorded => new("Not recorded", Tone.Warn, "alert"),
        DriftState.NotOurs => new("Not ours", Tone.Bad, "alert"),
        DriftState.NotThere => new("Not there", Tone.Neutral, "dot"),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>What provisioning would do.</summary>
    public static BadgeLook For(PlannedAction action) => action switch
    {
        PlannedAction.Create => new("Create", Tone.Good, "plus"),
        PlannedAction.Adopt => new("Adopt", Tone.Busy, "link"),
        PlannedAction.Change => new("Change", Tone.Warn, "edit"),
        PlannedAction.None => new("Keep", Tone.Neutral, "check"),
        _ => throw new UnreachableException($"No badge for {action}."),
    };
}
