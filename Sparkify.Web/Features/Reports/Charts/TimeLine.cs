namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>A point of a drawing over time.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="Row">Its row; none where there was nothing.</param>
/// <param name="Steps">How many steps it stands for: more than one is a gap that is not drawn to scale.</param>
internal sealed record TimePoint(DateTime From, IReadOnlyList<object?>? Row, long Steps = 1);

/// <summary>
/// The points of a drawing over time. Days without a row had nothing: a line that leaps over them would say otherwise. But a stretch of
/// nothing that takes more than half of the drawing (one wrong date is enough) leaves no room for what there is: it becomes a gap.
/// </summary>
/// <param name="Points">The points, in order.</param>
/// <param name="Notes">What is not drawn as it is, in sentences.</param>
/// <param name="IsCrowded">Whether there are more points than there is room for.</param>
internal sealed record TimeLine(IReadOnlyList<TimePoint> Points, IReadOnlyList<string> Notes, bool IsCrowded)
{
    /// <summary>How many points a drawing has room for.</summary>
    public const int Room = 750;

    // A gap needs room, too: the step after the last row, itself, and the step before the next row.
    private const int Shown = 3;
    private const int Long = 30;

    /// <summary>The points of an answer.</summary>
    /// <param name="step">What one point is.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="axis">The column with their time.</param>
    /// <param name="filled">Whether a time without a row had nothing; else what it had is unknown (a share of nothing is).</param>
    public static TimeLine Of(TimeStep step, IReadOnlyList<IReadOnlyList<object?>> rows, int axis, bool filled)
    {
        var known = rows.Where(r => r[axis] is DateTime).GroupBy(r => step.Number((DateTime)r[axis]!)).OrderBy(static g => g.Key)
            .Select(static g => (Number: g.Key, Row: g.First())).ToList();
        List<(long Before, long Empty)> stretches =
            [.. known.Zip(known.Skip(1), static (a, b) => (a.Number, b.Number - a.Number - 1)).Where(static s => s.Item2 > 0)];
        if (!filled)
        {
            return new TimeLine(
                [.. known.Select(k => new TimePoint((DateTime)k.Row[axis]!, k.Row))],
                stretches.Count == 0 ? [] : [$"{step.Several} without a row are not drawn, so points side by side may lie apart."],
                known.Count > Room);
        }

        var (gaps, isCrowded) = Gaps(stretches, known.Count);
        List<TimePoint> points = [];
        foreach (var (number, row) in known)
        {
            if (points.Count > 0)
            {
                Fill(points, step, number, gaps);
            }

            points.Add(new TimePoint((DateTime)row[axis]!, row));
        }

        return new TimeLine(points, Told(step, [.. points.Where(static p => p.Steps > 1)]), isCrowded);
    }

    // The longest first, while one by itself takes more than half; and, as the last resort, while there is no room.
    private static (HashSet<long> Gaps, bool IsCrowded) Gaps(List<(long Before, long Empty)> stretches, int known)
    {
        HashSet<long> gaps = [];
        var points = known + stretches.Sum(static s => s.Empty);
        bool? crowded = null;
        foreach (var (before, empty) in stretches.OrderByDescending(static s => s.Empty).ThenBy(static s => s.Before))
        {
            var dominates = empty > Long && empty > points / 2;
            crowded ??= dominates ? null : points > Room;
            if (empty <= Shown || (!dominates && points <= Room))
            {
                break;
            }

            gaps.Add(before);
            points += Shown - empty;
        }

        return (gaps, crowded ?? points > Room);
    }

    private static void Fill(List<TimePoint> points, TimeStep step, long next, HashSet<long> gaps)
    {
        var last = step.Number(points[^1].From);
        var empty = next - last - 1;
        if (gaps.Contains(last))
        {
            points.Add(new TimePoint(step.Of(last + 1), null));
            points.Add(new TimePoint(step.Of(last + 2), null, empty - 2));
            points.Add(new TimePoint(step.Of(next - 1), null));
            return;
        }

        for (var number = last + 1; number < next; number++)
        {
            points.Add(new TimePoint(step.Of(number), null));
        }
    }

    private static IReadOnlyList<string> Told(TimeStep step, IReadOnlyList<TimePoint> gaps) => gaps.Count switch
    {
        0 => [],
        1 => [$"Not to scale: nothing happened from {step.Span(gaps[0])} ({step.Count(gaps[0].Steps)}), which is drawn as a gap."],
        _ => [$"Not to scale: {gaps.Count} stretches in which nothing happened, {step.Count(gaps.Sum(static g => g.Steps))} in all, are drawn as gaps. " +
            $"The longest is from {step.Span(gaps.MaxBy(static g => g.Steps)!)}."],
    };
}
