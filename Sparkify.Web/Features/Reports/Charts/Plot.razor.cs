using Microsoft.AspNetCore.Components;
using Sparkify.Core.Reports;

namespace Sparkify.Web.Features.Reports.Charts;

/// <summary>Where things are in a drawing of columns or lines.</summary>
public sealed partial class Plot
{
    private const int MostWeekends = 130;
    private const int MostDots = 24;
    private const int MostTicks = 14;
    private const int FewTicks = 6;
    private const double Letter = 6.2;

    private static readonly int[] Days = [1, 2, 7, 14, 28, 56, 91, 182, 364];
    private static readonly int[] Others = [1, 2, 5, 10, 20, 50, 100, 200];

    /// <summary>What is drawn.</summary>
    [Parameter, EditorRequired]
    public required ChartModel Model { get; set; }

    /// <summary>The axis upwards.</summary>
    [Parameter, EditorRequired]
    public required Scale Scale { get; set; }

    /// <summary>How tall the field is, in pixels.</summary>
    [Parameter, EditorRequired]
    public required double Height { get; set; }

    /// <summary>Where the middle of a mark is, in percent.</summary>
    [Parameter, EditorRequired]
    public required Func<int, double> PlaceOf { get; set; }

    /// <summary>How wide a mark is, in percent.</summary>
    [Parameter, EditorRequired]
    public required double Step { get; set; }

    /// <summary>Whether the values of a mark are shown as dots.</summary>
    [Parameter]
    public bool Dots { get; set; }

    /// <summary>The drawing itself, as SVG.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment Shapes { get; set; }

    /// <summary>An axis that holds everything of a drawing.</summary>
    public static Scale ScaleOf(ChartModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Scale.For(model.Highest, isWhole: model.Format == ColumnFormat.Count);
    }

    /// <summary>How far down a value is, in pixels; the highest keeps a little room above it.</summary>
    public static double Down(double value, Scale scale, double height)
    {
        ArgumentNullException.ThrowIfNull(scale);
        return height - (value / scale.Top * (height - 6));
    }

    private IEnumerable<(double At, string Text)> Ticked => Scale.Ticks.Select(t => (t, ReportFormat.Tick(Model.Format, t)));

    private double Y(double value) => Down(value, Scale, Height);

    // What of the width belongs to a mark, in percent; those at the ends of a line have half of it.
    private (double From, double To) Strip(int at) => (Math.Max(PlaceOf(at) - (Step / 2), 0), Math.Min(PlaceOf(at) + (Step / 2), 100));

    // As many as a wide drawing has room for; a narrow one leaves out every second of them.
    private List<int> Ticks
    {
        get
        {
            var longest = Model.Marks.Select(static m => m.Tick.Length).DefaultIfEmpty().Max();
            var most = Math.Clamp((int)(700 / ((longest * Letter) + 14)), 2, MostTicks);
            var every = (Model.IsDaily ? Days : Others).FirstOrDefault(e => (Model.Marks.Count + e - 1) / e <= most, Model.Marks.Count);
            return [.. Enumerable.Range(0, Model.Marks.Count).Where(i => i % every == 0 && !Model.Marks[i].IsGap)];
        }
    }
}
