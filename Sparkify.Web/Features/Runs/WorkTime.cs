namespace Sparkify.Web.Features.Runs;

/// <summary>
/// The time in which something worked, in seconds from its beginning. Time in which nothing did, such as the night between a failure and
/// its retry, is squeezed into a small gap, so that the work stays readable.
/// </summary>
public sealed class WorkTime
{
    private const double GapShare = 0.02;

    // A second between two steps is the scheduler's; it is not worth a break in the axis.
    private static readonly TimeSpan Unbroken = TimeSpan.FromSeconds(2);
    private readonly List<(DateTimeOffset From, DateTimeOffset Until)> _busy = [];
    private readonly double _gap;

    /// <summary>Builds it from when things worked.</summary>
    public WorkTime(IEnumerable<(DateTimeOffset From, DateTimeOffset Until)> spans)
    {
        ArgumentNullException.ThrowIfNull(spans);
        foreach (var (from, until) in spans.OrderBy(static s => s.From))
        {
            if (_busy.Count > 0 && from <= _busy[^1].Until + Unbroken)
            {
                _busy[^1] = (_busy[^1].From, until > _busy[^1].Until ? until : _busy[^1].Until);
            }
            else
            {
                _busy.Add((from, until));
            }
        }

        var work = _busy.Sum(static b => (b.Until - b.From).TotalSeconds);
        _gap = work * GapShare;
        Total = work + (_gap * Math.Max(_busy.Count - 1, 0));
    }

    /// <summary>All of it, in seconds.</summary>
    public double Total { get; }

    /// <summary>Where a moment lies in it.</summary>
    public double At(DateTimeOffset moment)
    {
        var before = 0.0;
        foreach (var (from, until) in _busy)
        {
            if (moment <= until)
            {
                return before + Math.Max((moment - from).TotalSeconds, 0);
            }

            before += (until - from).TotalSeconds + _gap;
        }

        return Total;
    }
}
