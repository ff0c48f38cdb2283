using System.Diagnostics;
using MudBlazor;
using Sparkify.Core.Chains;
using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Chains;

/// <summary>What chains and their parts are called, and how they look.</summary>
internal static class ChainWords
{
    /// <summary>What becomes of the warehouse at the end.</summary>
    public static string For(ChainEnd end) => end switch
    {
        ChainEnd.Leave => "Leave it up",
        ChainEnd.Pause => "Pause its cluster",
        ChainEnd.Teardown => "Tear it down",
        _ => throw new UnreachableException($"No words for {end}."),
    };

    /// <summary>What a part does, as an order.</summary>
    public static string For(RunKind part) => part == RunKind.Teardown ? "Tear down" : Format.Kind(part);

    /// <summary>How a chain looks.</summary>
    public static BadgeLook Look(ChainState state) => state switch
    {
        ChainState.Running => StatusBadges.For(RunState.Running),
        ChainState.Succeeded => StatusBadges.For(RunState.Succeeded),
        ChainState.Failed => StatusBadges.For(RunState.Failed),
        ChainState.Cancelled => StatusBadges.For(RunState.Cancelled),
        _ => throw new UnreachableException($"No badge for {state}."),
    };

    /// <summary>How a part looks.</summary>
    public static BadgeLook Look(PartState state) => state switch
    {
        PartState.Pending => StatusBadges.For(StepState.Pending),
        PartState.Running => StatusBadges.For(StepState.Running),
        PartState.Succeeded => StatusBadges.For(StepState.Succeeded),
        PartState.Failed => StatusBadges.For(StepState.Failed),
        PartState.Cancelled => StatusBadges.For(StepState.Cancelled),
        PartState.NeedsDecision => StatusBadges.For(RunState.NeedsDecision),
        PartState.Refused => new("Refused", Tone.Bad, Icons.Material.Rounded.Dangerous),
        PartState.Skipped => StatusBadges.For(StepState.Skipped),
        _ => throw new UnreachableException($"No badge for {state}."),
    };
}
