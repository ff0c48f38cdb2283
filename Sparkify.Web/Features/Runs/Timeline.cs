using Sparkify.Core.Runs;

namespace Sparkify.Web.Features.Runs;

/// <summary>One attempt as a bar; positions are shares of the whole width.</summary>
public sealed record TimelineBar(int Attempt, StepState State, double Left, double Width, TimeSpan Took);

/// <summary>
/// Lays a run's attempts out in time. Time in which nothing worked, such as the night between a failure and its retry, is
/// squeezed, so that the work stays readable.
/// </summary>
public sealed class Timeline
{
    private const double Gap = 0.02;
    private const double Least = 0.004;
    private readonly List<(DateTimeOffset From, DateTimeOffset Until)> _busy = [];
    private readonly double _total;
    private readonly double _gap;

    /// <summary>Builds the axis.</summary>
    /// <param name="attempts">Every attempt there was.</param>
    /// <param name="now">Where an attempt without an end ends for the moment.</param>
    public Timeline(IReadOnlyList<StepAttempt> attempts, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        foreach (var (from, until) in attempts.Where(a => a.StartedAt is not null).Select(a => Span(a, now)).OrderBy(s => s.From))
        {
            // A second between two steps is the scheduler's; it is not worth a break in the axis.
            if (_busy.Count > 0 && from <= _busy[^1].Until + TimeSpan.FromSeconds(2))
            {
                _busy[^1] = (_busy[^1].From, until > _busy[^1].Until ? until : _busy[^1].Until);
            }
            else
            {
                _busy.Add((from, until));
            }
        }

        var work = Math.Max(_busy.Sum(b => (b.Until - b.From).TotalSeconds), 0.001);
        _gap = work * Gap;
        _total = work + (_gap * Math.Max(_busy.Count - 1, 0));
    }

    /// <summary>The bars of one step, in order.</summary>
    public IReadOnlyList<TimelineBar> Bars(string step, IReadOnlyList<StepAttempt> attempts, DateTimeOffset now) =>
    [
        .. attempts.Where(a => a.Step == step && a.StartedAt is not null).OrderBy(a => a.Attempt).Select(a =>
        {
            var (from, until) = Span(a, now);
            var width = Math.Max(Place(until) - Place(from), Least);
            return new TimelineBar(a.Attempt, a.State, Math.Min(Place(from), 1 - width), width, until - from);
        }),
    ];

    private static (DateTimeOffset From, DateTimeOffset Until) Span(StepAttempt attempt, DateTimeOffset now)
    {
        var from = attempt.StartedAt!.Value;
        var until = attempt.FinishedAt ?? (attempt.State == StepState.Running ? now : from);
        return (from, until < from ? from : until);
    }

    private double Place(DateTimeOffset at)
    {
        var before = 0.0;
        foreach (var (from, until) in _busy)
        {
            if (at <= until)
            {
                return (before + Math.Max((at - from).TotalSeconds, 0)) / _total;
            }

            before += (until - from).TotalSeconds + _gap;
        }

        return 1;
    }
}
