using Sparkify.Core.Runs;

namespace Sparkify.Web.Features.Runs;

/// <summary>From when until when a step worked, in seconds of its run's <see cref="WorkTime"/>.</summary>
public sealed record StepSpan(double From, double Until)
{
    /// <summary>How long that is.</summary>
    public double Length => Until - From;
}

/// <summary>When the steps of a run that has ended worked: the plan that the next run of its kind is measured by.</summary>
public sealed class RunSchedule
{
    private readonly Dictionary<string, StepSpan> _steps = new(StringComparer.Ordinal);

    /// <summary>Reads it from a run.</summary>
    public RunSchedule(RunView run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Run = run;
        var worked = run.Steps.Where(static s => s is { StartedAt: not null, FinishedAt: not null }).ToList();
        var time = new WorkTime(worked.Select(static s => (s.StartedAt!.Value, s.FinishedAt!.Value)));
        foreach (var step in worked)
        {
            _steps[step.Name] = new StepSpan(time.At(step.StartedAt!.Value), time.At(step.FinishedAt!.Value));
        }

        Total = time.Total;
    }

    /// <summary>The run.</summary>
    public RunView Run { get; }

    /// <summary>How long it worked, in seconds.</summary>
    public double Total { get; }

    /// <summary>When a step worked; none when it did not.</summary>
    public StepSpan? Of(string step) => _steps.GetValueOrDefault(step);

    /// <summary>How far a run of the same kind has come by this plan, in the plan's seconds; it never runs backwards.</summary>
    public double Position(RunView run, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        var furthest = 0.0;
        foreach (var step in run.Steps)
        {
            if (Of(step.Name) is { } planned && step.State is StepState.Succeeded or StepState.Running)
            {
                furthest = Math.Max(furthest, planned.From + (planned.Length * Done(step, planned, now)));
            }
        }

        return furthest;
    }

    /// <summary>The part of a step that is done: what it says of itself, else by the time it took before, but never quite all.</summary>
    public static double Done(StepView step, StepSpan? planned, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(step);
        return step switch
        {
            { State: StepState.Succeeded or StepState.Skipped } => 1,
            { State: not StepState.Running } => 0,
            { Share: { } share } => Math.Clamp(share, 0, 1),
            { StartedAt: { } from } when planned is { Length: > 0 } => Math.Clamp((now - from).TotalSeconds / planned.Length, 0, 0.95),
            _ => 0,
        };
    }
}
