using Sparkify.Core.Runs;

namespace Sparkify.Web.Features.Runs;

/// <summary>A piece of the bar of a whole run: a step, or steps that work at the same time.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Weight">How long it took the last time; all pieces weigh the same when there was none.</param>
/// <param name="Done">The part of it that is done, 0 to 1.</param>
public sealed record RunPiece(string Title, double Weight, double Done);

/// <summary>
/// How far a whole run is. Its pieces are as wide as each step took in the run before, so that the bar moves as evenly as the work does.
/// </summary>
public sealed class RunProgress
{
    /// <summary>Measures a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="plan">The run before of the same kind; none when there is none.</param>
    /// <param name="now">The time.</param>
    public RunProgress(RunView run, RunSchedule? plan, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        Pieces = plan is null
            ? [.. run.Steps.Select(s => new RunPiece(s.Title, 1, RunSchedule.Done(s, planned: null, now)))]
            : [.. Together(run, plan).Select(steps => Piece(steps, plan, now))];
        var whole = Pieces.Sum(static p => p.Weight);
        Share = whole > 0 ? Pieces.Sum(static p => p.Weight * p.Done) / whole : 0;
        Left = plan is null ? null : TimeSpan.FromSeconds(Math.Max(plan.Total - plan.Position(run, now), 0));
    }

    /// <summary>The pieces, in order.</summary>
    public IReadOnlyList<RunPiece> Pieces { get; }

    /// <summary>The part of the whole that is done, 0 to 1.</summary>
    public double Share { get; }

    /// <summary>How long it will take if it goes on as the run before; none without one.</summary>
    public TimeSpan? Left { get; }

    // Steps that worked at the same time the last time are one piece.
    private static List<List<StepView>> Together(RunView run, RunSchedule plan)
    {
        List<List<StepView>> pieces = [];
        var end = 0.0;
        foreach (var step in run.Steps)
        {
            var planned = plan.Of(step.Name);
            if (planned is not null && pieces.Count > 0 && planned.From < end)
            {
                pieces[^1].Add(step);
            }
            else
            {
                pieces.Add([step]);
            }

            end = Math.Max(end, planned?.Until ?? end);
        }

        return pieces;
    }

    private static RunPiece Piece(List<StepView> steps, RunSchedule plan, DateTimeOffset now)
    {
        var planned = steps.Select(s => (Step: s, Span: plan.Of(s.Name))).ToList();
        var known = planned.Where(static p => p.Span is { Length: > 0 }).ToList();
        var work = known.Sum(static p => p.Span!.Length);
        return new RunPiece(
            string.Join(", ", steps.Select(static s => s.Title)),
            known.Count == 0 ? plan.Total / 100 : known.Max(static p => p.Span!.Until) - known.Min(static p => p.Span!.From),
            work > 0
                ? known.Sum(p => p.Span!.Length * RunSchedule.Done(p.Step, p.Span, now)) / work
                : steps.Average(s => RunSchedule.Done(s, planned: null, now)));
    }
}
