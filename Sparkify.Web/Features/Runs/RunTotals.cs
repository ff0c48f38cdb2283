using Sparkify.Core.Runs;

namespace Sparkify.Web.Features.Runs;

/// <summary>What a run read from its source so far; unknown while no step has told.</summary>
/// <param name="Rows">Rows staged.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Files">Files read.</param>
/// <param name="Rejects">Bad records.</param>
public sealed record RunTotals(long? Rows, long? Bytes, long? Files, long? Rejects)
{
    /// <summary>Adds up a run's steps.</summary>
    public static RunTotals Of(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);

        // The scan meets the same files without staging them, and later steps make rows out of rows: neither counts twice.
        var staging = run.Steps.Where(s => s is { Rows: not null, Bytes: not null }).ToList();
        var rejects = Sum(run.Steps, s => s.Rejects);
        if (run is { Kind: RunKind.Load, State: RunState.Succeeded or RunState.NeedsDecision or RunState.Discarded })
        {
            // A load that came so far has met every record there is: none counted is none, not unknown.
            rejects ??= 0;
        }

        return new(Sum(staging, s => s.Rows), Sum(staging, s => s.Bytes), Sum(staging, s => s.Files), rejects);
    }

    private static long? Sum(IEnumerable<StepView> steps, Func<StepView, long?> of)
    {
        var known = steps.Select(of).OfType<long>().ToList();
        return known.Count == 0 ? null : known.Sum();
    }
}
