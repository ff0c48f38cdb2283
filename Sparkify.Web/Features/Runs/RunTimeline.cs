using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>One attempt as a bar; positions are shares of the whole width.</summary>
public sealed record TimelineBar(int Attempt, StepState State, double Left, double Width, TimeSpan Took);

/// <summary>What a step did in the run before, or is expected to do in this one; positions are shares of the whole width.</summary>
public sealed record TimelineGhost(double Left, double Width);

/// <summary>A mark on the axis.</summary>
public sealed record TimelineTick(double Left, string Text);

/// <summary>Lays a run's attempts out in the time it worked, with the run before behind them.</summary>
public sealed class RunTimeline
{
    private const double Least = 0.004;
    private const int MostTicks = 10;
    private const double MostBehind = 1.5;
    private static readonly double[] Steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];
    private readonly IReadOnlyList<StepAttempt> _attempts;
    private readonly RunSchedule? _before;
    private readonly RunView _run;
    private readonly WorkTime _time;
    private readonly DateTimeOffset _now;
    private readonly double _late; // by how much this run is behind the plan, in seconds
    private readonly double _span;

    /// <summary>Builds it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempts">Every attempt there was at its steps.</param>
    /// <param name="before">The run before of the same kind; none when there is none.</param>
    /// <param name="now">Where an attempt without an end ends for the moment.</param>
    public RunTimeline(RunView run, IReadOnlyList<StepAttempt> attempts, RunSchedule? before, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(attempts);
        (_run, _attempts, _before, _now) = (run, attempts, before, now);
        _time = new WorkTime(attempts.Where(static a => a.StartedAt is not null).Select(Span));
        _late = before is null ? 0 : _time.Total - before.Position(run, now);
        // A run that has ended fills the width; the run before has room to have taken somewhat longer.
        var other = before is null ? 0 : run.Active ? before.Total + _late : Math.Min(before.Total, _time.Total * MostBehind);
        _span = Math.Max(Math.Max(_time.Total, other), 0.001);
        var step = Array.Find(Steps, s => _span / s <= MostTicks) is > 0 and var fits ? fits : Steps[^1];
        Ticks = [.. Enumerable.Range(0, (int)(_span / step) + 1).Select(i => new TimelineTick(i * step / _span, Tick(i * step)))];
        TickShare = step / _span;
    }

    /// <summary>The marks of the axis, the first at its beginning.</summary>
    public IReadOnlyList<TimelineTick> Ticks { get; }

    /// <summary>How far two marks are apart, as a share of the whole width.</summary>
    public double TickShare { get; }

    /// <summary>Where now is; none when the run has ended.</summary>
    public double? Now => _run.Active ? Math.Min(_time.Total / _span, 1) : null;

    /// <summary>The bars of one step, in order.</summary>
    public IReadOnlyList<TimelineBar> Bars(string step) =>
    [
        .. _attempts.Where(a => a.Step == step && a.StartedAt is not null).OrderBy(static a => a.Attempt).Select(a =>
        {
            var (from, until) = Span(a);
            var width = Math.Max((_time.At(until) - _time.At(from)) / _span, Least);
            return new TimelineBar(a.Attempt, a.State, Math.Min(_time.At(from) / _span, 1 - width), width, until - from);
        }),
    ];

    /// <summary>
    /// What of a step is still to come, moved by as much as this run is late; once the run has ended, what the step did in the run before.
    /// </summary>
    public TimelineGhost? Ghost(StepView step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (_before?.Of(step.Name) is not { } planned)
        {
            return null;
        }

        if (!_run.Active)
        {
            var left = Math.Min(planned.From / _span, 1);
            return new(left, Math.Clamp(planned.Length / _span, Least, Math.Max(1 - left, Least)));
        }

        if (step.State is not (StepState.Pending or StepState.Running))
        {
            return null;
        }

        var from = Math.Max(planned.From + _late, _time.Total);
        var until = planned.Until + _late;
        return until > from ? new(from / _span, Math.Max((until - from) / _span, Least)) : null;
    }

    private (DateTimeOffset From, DateTimeOffset Until) Span(StepAttempt attempt)
    {
        var from = attempt.StartedAt!.Value;
        var until = attempt.FinishedAt ?? (attempt.State == StepState.Running ? _now : from);
        return (from, until < from ? from : until);
    }

    private static string Tick(double seconds) => seconds switch
    {
        < 60 => $"{seconds:0.#} s",
        _ => Format.Duration(TimeSpan.FromSeconds(seconds)).Replace(" 00 s", "", StringComparison.Ordinal)
            .Replace(" 00 m", "", StringComparison.Ordinal),
    };
}
