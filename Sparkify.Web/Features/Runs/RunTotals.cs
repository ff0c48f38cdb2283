using Sparkify.Core.Runs;

namespace Sparkify.Web.Features.Runs;

/// <summary>What all steps of a run add up to; unknown while no step has told.</summary>
public sealed record RunTotals(long? Rows, long? Bytes, long? Files, long? Rejects)
{
    /// <summary>Adds up a run's steps.</summary>
    public static RunTotals Of(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);

        // A step that reads without writing rows, such as the scan, meets the same files again as the steps that load them.
        var loading = run.Steps.Where(s => s.Rows is not null).ToList();
        return new(
            Sum(loading, s => s.Rows), Sum(loading, s => s.Bytes), Sum(loading, s => s.Files), Sum(run.Steps, s => s.Rejects));
    }

    private static long? Sum(IEnumerable<StepView> steps, Func<StepView, long?> of)
    {
        var known = steps.Select(of).OfType<long>().ToList();
        return known.Count == 0 ? null : known.Sum();
    }
}
