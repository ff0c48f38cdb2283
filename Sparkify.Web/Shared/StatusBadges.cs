using System.Diagnostics;
using MudBlazor;
using Sparkify.Core.Notices;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
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
        RunState.Queued => new("Queued", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
        RunState.Running => new("Running", Tone.Busy, Icons.Material.Rounded.Equalizer),
        RunState.Succeeded => new("Succeeded", Tone.Good, Icons.Material.Rounded.Check),
        RunState.Failed => new("Failed", Tone.Bad, Icons.Material.Rounded.Dangerous),
        RunState.Cancelled => new("Cancelled", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
        RunState.NeedsDecision => new("Needs a decision", Tone.Decide, Icons.Material.Rounded.ContactSupport),
        RunState.Discarded => new("Discarded", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
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
                }.OfType<string>()), Tone.Warn, Icons.Material.Rounded.WarningAmber),
            { Active: true, CancelRequested: true } => new("Cancelling", Tone.Warn, Icons.Material.Rounded.RemoveCircleOutline),
            { State: RunState.Running, WaitsFor: not null } => new("Waiting", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            { State: RunState.Queued, Place: > 1 and var place } =>
                new($"Queued, {Format.Ordinal(place)} in line", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            _ => For(run.State),
        };
    }

    /// <summary>What became of a time of a schedule: its run's state once it has one.</summary>
    public static BadgeLook For(LastTime time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return time switch
        {
            { Outcome: TimeOutcome.Started, RunState: { } state } => For(state),
            { Outcome: TimeOutcome.Started } => new("Started", Tone.Neutral, Icons.Material.Rounded.Check),
            { Outcome: TimeOutcome.Due } => new("Due", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            { Outcome: TimeOutcome.Waiting } => new("Waiting", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            { Outcome: TimeOutcome.Skipped } => new("Left out", Tone.Warn, Icons.Material.Rounded.SkipNext),
            { Outcome: TimeOutcome.Missed } => new("Missed", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            { Outcome: TimeOutcome.Refused } => new("Refused", Tone.Bad, Icons.Material.Rounded.Dangerous),
            _ => throw new UnreachableException($"No badge for {time.Outcome}."),
        };
    }

    /// <summary>A delivery to a hook.</summary>
    public static BadgeLook For(Delivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        return delivery.State switch
        {
            DeliveryState.Pending when delivery.Attempts == 0 => new("Queued", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            DeliveryState.Pending => new("Retrying", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            DeliveryState.Delivered => new("Delivered", Tone.Good, Icons.Material.Rounded.Check),
            DeliveryState.GivenUp => new("Given up", Tone.Bad, Icons.Material.Rounded.Dangerous),
            _ => throw new UnreachableException($"No badge for {delivery.State}."),
        };
    }

    /// <summary>A step's state.</summary>
    public static BadgeLook For(StepState state) => state switch
    {
        StepState.Pending => new("Pending", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
        StepState.Running => new("Running", Tone.Busy, Icons.Material.Rounded.Equalizer),
        StepState.Succeeded => new("Succeeded", Tone.Good, Icons.Material.Rounded.Check),
        StepState.Failed => new("Failed", Tone.Bad, Icons.Material.Rounded.Dangerous),
        StepState.Cancelled => new("Cancelled", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
        StepState.Skipped => new("Skipped", Tone.Neutral, Icons.Material.Rounded.SkipNext),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>Where a warehouse stands, or what is happening to it just now.</summary>
    public static BadgeLook For(WarehouseState state, RunView? active) => active switch
    {
        { State: RunState.Running } => new(Format.Doing(active.Kind), Tone.Busy, Icons.Material.Rounded.Equalizer),
        { State: RunState.Queued } => new($"{Format.Kind(active.Kind)} queued", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
        _ => For(state),
    };

    /// <summary>
    /// Where a warehouse stands, with what its state alone does not say: that nothing is in it, that its latest load failed, that what it
    /// holds is too old or lacks records.
    /// </summary>
    /// <param name="warehouse">The warehouse.</param>
    /// <param name="latest">Its latest run of any kind.</param>
    /// <param name="load">Its latest load.</param>
    /// <param name="now">The present moment, by which it may be stale.</param>
    public static BadgeLook For(Warehouse warehouse, RunView? latest, RunView? load, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        return (warehouse, load) switch
        {
            _ when latest is { Active: true } || warehouse.State != WarehouseState.Available => For(warehouse.State, latest),
            (_, { State: RunState.NeedsDecision }) => For(RunState.NeedsDecision),
            ({ PublishedAt: null }, { State: RunState.Failed }) =>
                new("Empty, its load failed", Tone.Bad, Icons.Material.Rounded.Dangerous),
            ({ PublishedAt: null }, _) => new("Empty, nothing loaded yet", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
            (_, { State: RunState.Failed }) => new("Available, the latest load failed", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            _ when warehouse.Stale(now).Count > 0 => new("Available, stale", Tone.Warn, Icons.Material.Rounded.HourglassBottom),
            (_, { State: RunState.Succeeded, Rejects: > 0 and var rejects }) =>
                new($"Available, {Format.Count(rejects, "reject")}", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            (_, { State: RunState.Succeeded, Warnings: > 0 and var warnings }) =>
                new($"Available, {Format.Count(warnings, "warning")}", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            _ => For(warehouse.State),
        };
    }

    /// <summary>Where a warehouse stands.</summary>
    public static BadgeLook For(WarehouseState state) => state switch
    {
        WarehouseState.Defined => new("Not provisioned", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
        WarehouseState.Available => new("Available", Tone.Good, Icons.Material.Rounded.Check),
        WarehouseState.Paused => new("Paused", Tone.Warn, Icons.Material.Rounded.PauseCircleOutline),
        WarehouseState.Removed => new("Removed", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>How a check came out.</summary>
    public static BadgeLook For(CheckOutcome outcome) => outcome switch
    {
        CheckOutcome.Passed => new("Passed", Tone.Good, Icons.Material.Rounded.Check),
        CheckOutcome.Warning => new("Warning", Tone.Warn, Icons.Material.Rounded.WarningAmber),
        CheckOutcome.NeedsDecision => new("Unlikely", Tone.Decide, Icons.Material.Rounded.ContactSupport),
        CheckOutcome.Failed => new("Failed", Tone.Bad, Icons.Material.Rounded.Dangerous),
        _ => throw new UnreachableException($"No badge for {outcome}."),
    };

    /// <summary>
    /// How a check came out. One that passed with something to say could not look, such as when there was nothing to compare with.
    /// </summary>
    public static BadgeLook For(CheckResult check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return check is { Passed: true, Detail: not null }
            ? new("Skipped", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline)
            : For(check.Outcome);
    }

    /// <summary>Whether a resource may still exist.</summary>
    public static BadgeLook For(OwnedResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return resource switch
        {
            { RemovedAt: null } => new("Exists", Tone.Good, Icons.Material.Rounded.Check),
            { LeftAlone: true } => new("Left alone, not ours", Tone.Warn, Icons.Material.Rounded.WarningAmber),
            _ => new("Gone", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
        };
    }

    /// <summary>How what is recorded fits what is there.</summary>
    public static BadgeLook For(DriftState state) => state switch
    {
        DriftState.InStep => new("As recorded", Tone.Good, Icons.Material.Rounded.Check),
        DriftState.Changed => new("Changed", Tone.Warn, Icons.Material.Rounded.Edit),
        DriftState.Missing => new("Missing", Tone.Bad, Icons.Material.Rounded.Dangerous),
        DriftState.Unrecorded => new("Not recorded", Tone.Warn, Icons.Material.Rounded.WarningAmber),
        DriftState.Unseen => new("Not looked at", Tone.Warn, Icons.Material.Rounded.WarningAmber),
        DriftState.NotOurs => new("Not ours", Tone.Bad, Icons.Material.Rounded.WarningAmber),
        DriftState.NotThere => new("Not there", Tone.Neutral, Icons.Material.Rounded.MoreHoriz),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>What provisioning would do.</summary>
    public static BadgeLook For(PlannedAction action) => action switch
    {
        PlannedAction.Create => new("Create", Tone.Good, Icons.Material.Rounded.Add),
        PlannedAction.Adopt => new("Adopt", Tone.Busy, Icons.Material.Rounded.Link),
        PlannedAction.Change => new("Change", Tone.Warn, Icons.Material.Rounded.Edit),
        PlannedAction.None => new("Keep", Tone.Neutral, Icons.Material.Rounded.Check),
        _ => throw new UnreachableException($"No badge for {action}."),
    };
}
