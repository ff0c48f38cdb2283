using Sparkify.Core.Reports;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>One mark of a chart: a bar, a day, a cell.</summary>
/// <param name="Label">What stands on its axis.</param>
/// <param name="Values">A number for each series.</param>
/// <param name="Words">The whole in words.</param>
/// <param name="Href">Where its rows are; none when there are none to see.</param>
/// <param name="Across">For heat maps: its place across.</param>
/// <param name="Down">For heat maps: its place down.</param>
/// <param name="IsGap">Whether it stands for a stretch of time in which there was nothing, and which is not drawn to scale.</param>
public sealed record ChartMark(
    string Label, IReadOnlyList<double> Values, string Words, string? Href, int Across = 0, int Down = 0, bool IsGap = false);

/// <summary>What a chart draws, without a word about how.</summary>
/// <param name="Kind">Which chart.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Series">The names of what is drawn.</param>
/// <param name="Marks">The marks, in order.</param>
/// <param name="Format">How numbers are written.</param>
/// <param name="Across">For heat maps: the labels across.</param>
/// <param name="Down">For heat maps: the labels down.</param>
/// <param name="Left">How many marks were left out because the drawing has no room for them.</param>
public sealed record ChartModel(
    ChartKind Kind, string Name, IReadOnlyList<string> Series, IReadOnlyList<ChartMark> Marks, ColumnFormat Format,
    IReadOnlyList<string> Across, IReadOnlyList<string> Down, int Left)
{
    /// <summary>How many bars a drawing has room for.</summary>
    public const int MostBars = 50;

    /// <summary>What the drawing does not show as it is, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether it has more points than it has room for, so that wider steps of time would show more.</summary>
    public bool IsCrowded { get; init; }

    /// <summary>The highest number; of stacks, the highest stack.</summary>
    public double Highest =>
        Marks.Select(m => Kind == ChartKind.StackedColumns ? m.Values.Sum() : m.Values.DefaultIfEmpty().Max()).DefaultIfEmpty().Max();

    /// <summary>The drawing in a sentence, for those who do not see it.</summary>
    public string Words
    {
        get
        {
            if (Marks.Count == 0)
            {
                return $"{Name}: nothing to draw.";
            }

            var most = Marks.MaxBy(m => m.Values.Sum())!;
            return $"{Name}: {Marks.Count(m => !m.IsGap)} marks. The largest is {most.Words}. The table below has every number.";
        }
    }

    /// <summary>What a report's answer looks like.</summary>
    /// <param name="result">The answer.</param>
    /// <param name="href">Where the rows behind one row are.</param>
    public static ChartModel Of(ReportResult result, Func<IReadOnlyList<object?>, string?> href)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (report, chart) = (result.Report, result.Report.Chart);
        var axis = At(report, chart.Axis);
        var series = chart.Series.Select(name => At(report, name)).ToList();
        var format = report.Columns[series[0]].Format;
        var names = series.Select(s => report.Columns[s].Title).ToList();
        if (chart.Kind == ChartKind.HeatMap)
        {
            return Heat(result, axis, At(report, chart.Down!), series[0], href);
        }

        // Where several rows have one label, what else names a row tells them apart.
        var others = result.Rows.Select(r => r[axis]).Distinct().Count() == result.Rows.Count
            ? [] : report.DrillKeys.Where(key => key != chart.Axis).Select(key => At(report, key)).ToList();
        var step = report.Columns[axis].Format == ColumnFormat.Day && chart.Kind is ChartKind.Lines or ChartKind.StackedColumns
            ? TimeStep.Of(result, axis)
            : null;
        var line = step is null ? null : TimeLine.Of(step, result.Rows, axis, filled: format != ColumnFormat.Share);
        IReadOnlyList<ChartMark> marks = line is null
            ? [.. result.Rows.Select(row => Mark(row, row[axis]))]
            : [.. line.Points.Select(p => p.Row is { } row ? Mark(row, p.From) : p.Steps > 1 ? Gap(p) : Nothing(p.From))];

        var room = chart.Kind == ChartKind.Bars ? MostBars : TimeLine.Room;
        return new ChartModel(chart.Kind, report.Title, names, [.. marks.Take(room)], format, [], [], Math.Max(marks.Count - room, 0))
        {
            Notes = line?.Notes ?? [],
            IsCrowded = line is not null && (result.More || line.IsCrowded),
        };

        ChartMark Mark(IReadOnlyList<object?> row, object? at)
        {
            var label = string.Join(", ", others.Select(other => ReportFormat.Cell(report.Columns[other].Format, row[other]))
                .Prepend(step is not null && at is DateTime day ? step.Label(day) : ReportFormat.Cell(report.Columns[axis].Format, at)));
            return new ChartMark(
                label, [.. series.Select(s => ReportFormat.Length(row[s]))], $"{label}: {string.Join(", ", series.Select(s => Told(row, s)))}", href(row));
        }

        string Told(IReadOnlyList<object?> row, int at)
        {
            var value = ReportFormat.Cell(report.Columns[at].Format, row[at]);
            return series.Count > 1 || format == ColumnFormat.Count ? $"{value} {Lower(report.Columns[at].Title)}" : value;
        }

        ChartMark Nothing(DateTime day) => new(step!.Label(day), [.. series.Select(_ => 0d)], $"{step.Label(day)}: nothing", null);

        ChartMark Gap(TimePoint gap) => new(
            "…", [.. series.Select(_ => 0d)], $"{step!.Span(gap)}: nothing, {step.Count(gap.Steps)} not drawn to scale", null, IsGap: true);
    }

    private static ChartModel Heat(ReportResult result, int axis, int down, int series, Func<IReadOnlyList<object?>, string?> href)
    {
        var columns = result.Report.Columns;
        var (across, downward) = (Domain(
            columns[axis], result.Rows.Select(r => r[axis])), Domain(columns[down], result.Rows.Select(r => r[down])));
        List<ChartMark> marks = [];
        foreach (var row in result.Rows)
        {
            var (x, y) = (across.IndexOf(row[axis] ?? ""), downward.IndexOf(row[down] ?? ""));
            if (x >= 0 && y >= 0)
            {
                var label = $"{ReportFormat.Cell(columns[down].Format, row[down])}, {ReportFormat.Cell(columns[axis].Format, row[axis])}";
                marks.Add(new ChartMark(
                    label, [ReportFormat.Length(
                        row[series])], $"{label}: {ReportFormat.Cell(columns[series].Format, row[series])} {Lower(columns[series].Title)}",
                    href(row), x, y));
            }
        }

        return new ChartModel(
            ChartKind.HeatMap, result.Report.Title, [columns[series].Title], marks, columns[series].Format,
            [.. across.Select(v => ReportFormat.Cell(columns[axis].Format, v))], [.. downward.Select(
                v => ReportFormat.Cell(columns[down].Format, v))], 0);
    }

    // Hours and weekdays are all there, whether or not anything happened in them.
    private static List<object> Domain(ReportColumn column, IEnumerable<object?> values)
    {
        var seen = values.OfType<object>().Distinct().ToList();
        var numbers = seen.OfType<long>().ToList();
        return column switch
        {
            { Format: ColumnFormat.Weekday } => Range(1, 7),
            { Name: "hour" } => Range(0, 23),
            _ when numbers.Count == seen.Count && numbers.Count > 0 && numbers.Max() - numbers.Min() < 200 =>
                Range(numbers.Min(), numbers.Max()),
            _ => [.. seen.Order(Comparer<object>.Default)],
        };

        static List<object> Range(long from, long to) => [.. Enumerable.Range(0, (int)(to - from) + 1).Select(i => (object)(from + i))];
    }

    private static int At(ReportInfo report, string column)
    {
        var at = report.Columns.Select(c => c.Name).ToList().IndexOf(column);
        return at >= 0
            ? at
            : throw new InvalidOperationException($"The chart of {report.Id} draws the column {column}, which it does not have.");
    }

    private static string Lower(string title) =>
        title.Length > 1 && char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;
}
