using Sparkify.Core.Reports;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>One mark of a chart: a bar, a day, a cell.</summary>
/// <param name="Label">What it is called.</param>
/// <param name="Values">A number for each series.</param>
/// <param name="Words">The whole in words.</param>
/// <param name="Href">Where its rows are; none when there are none to see.</param>
/// <param name="Across">For heat maps: its place across.</param>
/// <param name="Down">For heat maps: its place down.</param>
/// <param name="IsGap">Whether it stands for a stretch of time in which there was nothing, and which is not drawn to scale.</param>
public sealed record ChartMark(
    string Label, IReadOnlyList<double> Values, string Words, string? Href, int Across = 0, int Down = 0, bool IsGap = false)
{
    /// <summary>What stands on the axis: shorter than the label where the axis says the rest.</summary>
    public string Tick { get; init; } = Label;

    /// <summary>The head of its tip.</summary>
    public string Title { get; init; } = Label;

    /// <summary>What stands quietly beside the label.</summary>
    public string? Beside { get; init; }

    /// <summary>The values as people read them; where there are none, as they stand on an axis.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>The day it begins, in a chart over time.</summary>
    public DateTime? At { get; init; }
}

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

    /// <summary>What the axis across is; none where it needs no words.</summary>
    public string? AcrossTitle { get; init; }

    /// <summary>What is counted, as it stands at the axis upwards; none where the panel says it.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether one mark is one day: then weekends are told from other days.</summary>
    public bool IsDaily { get; init; }

    /// <summary>The series that are switched off, by their place.</summary>
    public IReadOnlySet<int> Hidden { get; init; } = new HashSet<int>();

    /// <summary>The places of the series that are drawn.</summary>
    public IReadOnlyList<int> Drawn => [.. Enumerable.Range(0, Series.Count).Where(s => !Hidden.Contains(s))];

    /// <summary>Whether the values of a mark stand on one another.</summary>
    public bool IsStacked => Kind == ChartKind.StackedColumns;

    /// <summary>The highest number; of stacks, the highest stack.</summary>
    public double Highest
    {
        get
        {
            var drawn = Drawn;
            return Marks.Select(m => drawn.Select(s => m.Values[s]))
                .Select(v => IsStacked ? v.Sum() : v.DefaultIfEmpty().Max()).DefaultIfEmpty().Max();
        }
    }

    /// <summary>The mark with the largest number; none where there is nothing.</summary>
    public ChartMark? Peak => Marks.MaxBy(m => Drawn.Sum(s => m.Values[s])) is { } most && most.Values.Any(static v => v > 0) ? most : null;

    /// <summary>What the drawing shows, for those who do not see it.</summary>
    public string Words => Peak is { } most
        ? $"{Name}: {Shared.Format.Count(Marks.Count(m => !m.IsGap), Noun)}. The largest is {most.Words}."
        : $"{Name}: nothing to draw.";

    private string Noun => Kind switch
    {
        ChartKind.Bars => "bar",
        ChartKind.Columns or ChartKind.StackedColumns => "column",
        ChartKind.Lines => "point",
        ChartKind.HeatMap => "cell",
        _ => "part",
    };

    /// <summary>A number of a mark as people read it.</summary>
    public string Text(ChartMark mark, int series)
    {
        ArgumentNullException.ThrowIfNull(mark);
        return mark.Texts.Count > series ? mark.Texts[series] : ReportFormat.Tick(Format, mark.Values[series]);
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

        // Where several rows have one label, what else names a row tells them apart; a bar has room for it in any case.
        var isUnique = result.Rows.Select(r => r[axis]).Distinct().Count() == result.Rows.Count;
        List<int> others = chart.Kind == ChartKind.Bars
            ? [.. report.Columns.Index().Where(c => c.Index != axis && c.Item.Format == ColumnFormat.Text).Select(static c => c.Index)]
            : isUnique ? [] : [.. report.DrillKeys.Where(key => key != chart.Axis).Select(key => At(report, key))];
        var step = report.Columns[axis].Format == ColumnFormat.Day && chart.Kind is ChartKind.Lines or ChartKind.StackedColumns
            ? TimeStep.Of(result, axis)
            : null;
        var line = step is null ? null : TimeLine.Of(step, result.Rows, axis, filled: format != ColumnFormat.Share);
        var isOneYear = line is { Points: [var first, .., var last] } && first.From.Year == last.From.Year;
        IReadOnlyList<ChartMark> marks = line is null
            ? [.. result.Rows.Select(row => Mark(row, row[axis]))]
            : [.. line.Points.Select(p => p.Row is { } row ? Mark(row, p.From) : p.Steps > 1 ? Gap(p) : Nothing(p.From))];

        var room = chart.Kind == ChartKind.Bars ? MostBars : TimeLine.Room;
        return new ChartModel(chart.Kind, report.Title, names, [.. marks.Take(room)], format, [], [], Math.Max(marks.Count - room, 0))
        {
            Notes = line?.Notes ?? [],
            IsCrowded = line is not null && (result.More || line.IsCrowded),
            IsDaily = step?.Word == "day",
            Unit = names.Count > 1 ? null : names[0],
            AcrossTitle = step is null ? report.Columns[axis].Title
                : $"{step.Several[..^1]} (UTC){(isOneYear && step.Word != "year" ? $", {line!.Points[0].From.Year}" : "")}",
        };

        ChartMark Mark(IReadOnlyList<object?> row, object? at)
        {
            var own = step is not null && at is DateTime day ? step.Label(day) : ReportFormat.Cell(report.Columns[axis].Format, at);
            var beside = others.Where(o => row[o] is not null).Select(o => ReportFormat.Cell(report.Columns[o].Format, row[o])).ToList();
            var whole = string.Join(", ", beside.Prepend(own));
            return Timed(
                new ChartMark(
                    chart.Kind == ChartKind.Bars ? own : whole, [.. series.Select(s => ReportFormat.Length(row[s]))],
                    $"{whole}: {string.Join(", ", series.Select(s => Told(row, s)))}", href(row))
                {
                    Title = whole,
                    Beside = chart.Kind == ChartKind.Bars && beside.Count > 0 ? string.Join(' ', beside) : null,
                    Texts = [.. series.Select(s => ReportFormat.Cell(report.Columns[s].Format, row[s]))],
                }, at as DateTime?);
        }

        string Told(IReadOnlyList<object?> row, int at)
        {
            var value = ReportFormat.Cell(report.Columns[at].Format, row[at]);
            return series.Count > 1 || format == ColumnFormat.Count ? $"{value} {Lower(report.Columns[at].Title, row[at])}" : value;
        }

        ChartMark Nothing(DateTime day) => Timed(
            new(step!.Label(day), [.. series.Select(_ => 0d)], $"{step.Label(day)}: nothing", null), day);

        ChartMark Gap(TimePoint gap) => new(
            "…", [.. series.Select(_ => 0d)], $"{step!.Span(gap)}: nothing, {step.Count(gap.Steps)} not drawn to scale", null,
            IsGap: true)
        {
            Title = $"{step.Span(gap)}: nothing",
        };

        ChartMark Timed(ChartMark mark, DateTime? at) => step is null || at is not { } day
            ? mark
            : mark with { At = day, Tick = step.Tick(day, withYear: !isOneYear), Title = step.Title(day) };
    }

    private static ChartModel Heat(ReportResult result, int axis, int down, int series, Func<IReadOnlyList<object?>, string?> href)
    {
        var columns = result.Report.Columns;
        var (across, downward) = (
            Domain(columns[axis], result.Rows.Select(r => r[axis])), Domain(columns[down], result.Rows.Select(r => r[down])));
        var rows = result.Rows.Where(r => r[axis] is not null && r[down] is not null)
            .GroupBy(r => (r[axis]!, r[down]!)).ToDictionary(static g => g.Key, static g => g.First());
        List<ChartMark> marks = [];
        foreach (var (y, day) in downward.Index())
        {
            foreach (var (x, place) in across.Index())
            {
                var label = $"{ReportFormat.Cell(columns[down].Format, day)} {Place(columns[axis], place)}";
                var text = rows.TryGetValue((place, day), out var row) ? ReportFormat.Cell(columns[series].Format, row[series]) : null;
                marks.Add(new ChartMark(
                    label, [row is null ? 0 : ReportFormat.Length(row[series])],
                    row is null ? $"{label}: nothing" : $"{label}: {text} {Lower(columns[series].Title, row[series])}",
                    row is null ? null : href(row), x, y)
                {
                    Texts = text is null ? [] : [text],
                });
            }
        }

        return new ChartModel(
            ChartKind.HeatMap, result.Report.Title, [columns[series].Title], marks, columns[series].Format,
            [.. across.Select(v => ReportFormat.Cell(columns[axis].Format, v))], [.. downward.Select(v => Short(columns[down], v))], 0)
        {
            AcrossTitle = $"{columns[axis].Title}{(columns[axis].Name == "hour" ? " (UTC)" : "")}",
            Unit = columns[series].Title,
        };
    }

    // An hour alone could be any number.
    private static string Place(ReportColumn column, object value) =>
        column.Name == "hour" && value is long hour ? $"{hour:00}:00" : ReportFormat.Cell(column.Format, value);

    private static string Short(ReportColumn column, object value) =>
        ReportFormat.Cell(column.Format, value) is var name && column.Format == ColumnFormat.Weekday ? name[..3] : name;

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

    private static string Lower(string title, object? value)
    {
        var noun = title.Length > 1 && char.IsLower(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;
        return value is 1L && noun.EndsWith('s') ? noun[..^1] : noun;
    }
}
