using System.Diagnostics;
using Sparkify.Core.Reports.Queries;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Query;

/// <summary>How the states of queries look.</summary>
public static class QueryBadges
{
    /// <summary>A query's state.</summary>
    public static BadgeLook For(QueryState state) => state switch
    {
        QueryState.Running => new("Running", Tone.Busy, "bars"),
        QueryState.Succeeded => new("Succeeded", Tone.Good, "check"),
        QueryState.Failed => new("Failed", Tone.Bad, "cross"),
        QueryState.Cancelled => new("Cancelled", Tone.Neutral, "stop"),
        _ => throw new UnreachableException($"No badge for {state}."),
    };
}
