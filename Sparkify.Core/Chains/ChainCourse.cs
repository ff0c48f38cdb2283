using System.Diagnostics;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Chains;

/// <summary>
/// Where a chain stands and what comes next, told by its runs alone: whoever asks, and after whatever happened, it is the same.
/// </summary>
internal sealed class ChainCourse
{
    /// <summary>What the refusal of an end begins with when there was nothing to be ended.</summary>
    public const string NothingUp = "Nothing had come up that was to be ended.";

    private readonly ChainRow _chain;
    private readonly List<ChainPart> _parts = [];
    private bool _waits;

    // The first part before the end that did not succeed.
    private ChainPart? _broken;

    private ChainCourse(ChainRow chain)
    {
        _chain = chain;
        foreach (var kind in chain.Plan.Parts.Where(k => k != chain.Plan.Last))
        {
            var part = Part(kind, goesOn: _broken is null && chain.CancelBy is null);
            _broken ??= part.State is PartState.Pending or PartState.Running or PartState.Succeeded ? null : part;
            Add(part);
        }

        if (chain.Plan.Last is { } planned)
        {
            Add(End() is { } end ? Part(end, goesOn: true) : new ChainPart(planned, PartState.Skipped));
        }

        (State, Said) = _waits || Next is not null ? (ChainState.Running, null) : Verdict();
    }

    /// <summary>Its parts.</summary>
    public IReadOnlyList<ChainPart> Parts => _parts;

    /// <summary>The part that can begin now; none while one is at work, and when the chain is over.</summary>
    public RunKind? Next { get; private set; }

    /// <summary>Where it stands.</summary>
    public ChainState State { get; }

    /// <summary>How it went; none while it works.</summary>
    public string? Said { get; }

    /// <summary>The part for which it is told of as failed: a load that needs a decision is told of as that.</summary>
    public ChainPart? ToTell => State != ChainState.Failed ? null
        : !EndedWell ? Last
        : _broken is { State: PartState.NeedsDecision } ? null : _broken;

    public static ChainCourse Of(ChainRow chain) => new(chain);

    private ChainPart? Last => _chain.Plan.Last is null ? null : _parts[^1];

    private bool NothingToEnd => Last is { State: PartState.Refused, Said: { } said }
        && said.StartsWith(NothingUp, StringComparison.Ordinal) && _broken is { Kind: RunKind.Provision or RunKind.Resume };

    // What was confirmed was carried out: a part that is tried again when the chain has ended does not bring its end about.
    private bool AsPlanned => _broken is null
        && (_chain.Plan.Last is null || (Last is { State: PartState.Succeeded } last && last.Kind == _chain.Plan.Last));

    private bool EndedWell => Last is null or { State: PartState.Succeeded or PartState.Skipped } || NothingToEnd;

    private void Add(ChainPart part)
    {
        _parts.Add(part);
        _waits |= part.State == PartState.Running;
        if (part.State == PartState.Pending && !_waits)
        {
            Next ??= part.Kind;
        }
    }

    private ChainPart Part(RunKind kind, bool goesOn) =>
        _chain.Runs.LastOrDefault(r => r.Kind == kind) is { } run ? new ChainPart(kind, Of(run.State), run.Id, run.Error)
        : _chain.Refusals.TryGetValue(kind, out var said) ? new ChainPart(kind, PartState.Refused, Said: said)
        : new ChainPart(kind, goesOn && _chain.State == ChainState.Running ? PartState.Pending : PartState.Skipped);

    // What has ended it is its end, whatever became of its parts afterwards.
    private RunKind? Ended() => _chain.Runs.LastOrDefault(static r => IsEnd(r.Kind))?.Kind
        ?? _chain.Refusals.Keys.Where(IsEnd).Select(static k => (RunKind?)k).FirstOrDefault();

    private static bool IsEnd(RunKind kind) => kind is RunKind.Pause or RunKind.Teardown;

    // Before somebody has decided about a star nothing is torn down; paused, it waits for little money.
    private RunKind? End() => Ended() is { } ended ? ended
        : _broken is null && _chain.CancelBy is null ? _chain.Plan.Last
        : !_parts.Exists(static p => p.State == PartState.NeedsDecision) ? _chain.Plan.LastOfBroken
        : _chain is { HasCluster: true, Plan.Opens: not null } ? RunKind.Pause : null;

    private (ChainState State, string Said) Verdict() => (
        !EndedWell ? ChainState.Failed
            : _broken is not { } cause ? CancelledBeforeItsEnd ? ChainState.Cancelled
                : AsPlanned ? ChainState.Succeeded : ChainState.Failed
            : cause.State == PartState.Cancelled || (cause.State == PartState.Skipped && _chain.CancelBy is not null) ? ChainState.Cancelled
            : ChainState.Failed,
        $"{(_broken is { } broken ? What(broken)
            : CancelledBeforeItsEnd ? $"{_chain.CancelBy} cancelled it before its end."
            : AsPlanned ? "Every part succeeded." : "Every part before its end succeeded.")} {AtTheEnd()}");

    // At its end it is not cancelled any more, so this was before it.
    private bool CancelledBeforeItsEnd => _broken is null && _chain is { CancelBy: not null, Plan.Last: not null };

    private string AtTheEnd() => Last switch
    {
        null => $"'{_chain.Warehouse}' stays up.",
        { State: PartState.Succeeded, Kind: RunKind.Pause } last => $"'{_chain.Warehouse}' was paused (run {last.Run}).",
        { State: PartState.Succeeded } last => $"'{_chain.Warehouse}' was torn down (run {last.Run}).",
        { State: PartState.Skipped } when _broken?.State == PartState.NeedsDecision =>
            $"'{_chain.Warehouse}' stays up until somebody has decided.",
        { State: PartState.Skipped } when _chain.Plan.Opens is not null =>
            $"The chain brought '{_chain.Warehouse}' up and did not end it: if it is still up, end it by hand.",
        { State: PartState.Skipped } => $"'{_chain.Warehouse}' was up before the chain began, and stays up."
            + (_broken is null && _chain.CancelBy is null ? " Its end was left out: if it is still wanted, begin it by hand." : ""),
        _ when NothingToEnd => NothingUp,
        var last => $"{What(last)} "
            + (_chain.HasCluster ? "Its cluster may still run and cost: see to it." : "It may still be there: see to it."),
    };

    private string What(ChainPart part)
    {
        var name = $"{Named(part.Kind)}{(part.Run is { } run ? $" (run {run})" : "")}";
        return part.State switch
        {
            PartState.Failed => $"{name} failed. {part.Said}".TrimEnd(),
            PartState.Refused => $"{name} could not begin. {part.Said}",
            PartState.Cancelled => $"{name} was cancelled{(_chain.CancelBy is { } by ? $" by {by}" : "")}.",
            PartState.NeedsDecision => $"{name} needs a decision.",
            PartState.Skipped => _chain.CancelBy is { } by ? $"{by} cancelled it before a part began." : $"{name} was left out.",
            _ => throw new UnreachableException($"A part that is {part.State} is no reason."),
        };
    }

    private static PartState Of(RunState run) => run switch
    {
        RunState.Queued or RunState.Running => PartState.Running,
        RunState.Succeeded => PartState.Succeeded,
        RunState.Cancelled => PartState.Cancelled,
        RunState.NeedsDecision => PartState.NeedsDecision,
        _ => PartState.Failed,
    };

    private static string Named(RunKind kind) => kind switch
    {
        RunKind.Provision => "The provisioning",
        RunKind.Resume => "The resumption",
        RunKind.Load => "The load",
        RunKind.Export => "The saving of reports",
        RunKind.Pause => "The pause",
        RunKind.Teardown => "The teardown",
        _ => throw new UnreachableException($"No part of a chain is a {kind}."),
    };
}
