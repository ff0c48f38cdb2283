using System.Diagnostics;
using MudBlazor;
using Sparkify.Core.Reports.Queries;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>How the states of queries look.</summary>
public static class QueryBadges
{
    /// <summary>A query's state.</summary>
    public static BadgeLook For(QueryState state) => state switch
    {
        QueryState.Running => new("Running", Tone.Busy, Icons.Material.Rounded.Equalizer),
        QueryState.Succeeded => new("Succeeded", Tone.Good, Icons.Material.Rounded.Check),
        QueryState.Failed => new("Failed", Tone.Bad, Icons.Material.Rounded.Dangerous),
        QueryState.Cancelled => new("Cancelled", Tone.Neutral, Icons.Material.Rounded.RemoveCircleOutline),
        _ => throw new UnreachableException($"No badge for {state}."),
    };
}
