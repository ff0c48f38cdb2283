using Bunit;
using Sparkify.Core.Reports;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Reports.Charts;

namespace Sparkify.Tests.Web;

public sealed class ChartTests : PageTest
{
    private static readonly DateTime Day = new(2018, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Lines_DaysWithoutARow_HadNothing()
    {
        var model = Model(ChartKind.Lines, ColumnFormat.Day, [Day, 5L], [Day.AddDays(3), 7L]);

        Assert.Equal([5, 0, 0, 7], model.Marks.Select(m => m.Values[0]));
        Assert.Equal(["1 Nov 2018", "2 Nov 2018", "3 Nov 2018", "4 Nov 2018"], model.Marks.Select(m => m.Label));
        Assert.Null(model.Marks[1].Href);
    }

    [Fact]
    public void Lines_Weeks_StepByWeeks() => Assert.Equal(
        [5, 0, 7], Model(ChartKind.Lines, ColumnFormat.Day, [Day, 5L], [Day.AddDays(14), 7L]).Marks.Select(m => m.Values[0]));

    [Fact]
    public void HeatMap_HasEveryHourAndWeekday_AndPutsEachRowInItsCell()
    {
        var report = FakeReports.TopSongs with
        {
            Columns = [new("weekday", "Weekday", ColumnFormat.Weekday), new(
                "hour", "Hour", ColumnFormat.Ordinal), new("plays", "Plays", ColumnFormat.Count)],
            Chart = new ReportChart(ChartKind.HeatMap, "hour", ["plays"], "weekday"),
        };

        var model = ChartModel.Of(Result(report, [[7L, 23L, 4L], [1L, 0L, 1L], [null, 3L, 9L]]), _ => null);

        Assert.Equal((24, 7), (model.Across.Count, model.Down.Count));
        Assert.Equal([(23, 6, "Sunday, 23: 4 plays"), (0, 0, "Monday, 0: 1 plays")], model.Marks.Select(m => (m.Across, m.Down, m.Words)));
    }

    [Fact]
    public void Bars_MoreThanThereIsRoomFor_SaysHowManyAreLeft()
    {
        var model = Model(ChartKind.Bars, ColumnFormat.Text, [.. Enumerable.Range(0, 60).Select(i => new object?[] { $"n{i}", (long)i })]);

        Assert.Equal((ChartModel.MostBars, 10), (model.Marks.Count, model.Left));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(7, 8)]
    [InlineData(399, 400)]
    [InlineData(1_000_001, 1_250_000)]
    [InlineData(0.3, 0.3)]
    public void Scale_EndsOnARoundNumberAboveTheHighest(double highest, double top) =>
        Assert.Equal(top, Scale.For(highest).Top, precision: 9);

    [Theory]
    [InlineData(ChartKind.Bars)]
    [InlineData(ChartKind.Columns)]
    [InlineData(ChartKind.StackedColumns)]
    [InlineData(ChartKind.Lines)]
    [InlineData(ChartKind.Donut)]
    public void Chart_OfEveryKind_DrawsHostileLabelsAsTextAndNamesEachMark(ChartKind kind)
    {
        const string Hostile = "<script>alert(1)</script>";

        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, Model(kind, ColumnFormat.Text, [Hostile, 3L], ["=cmd()", 0L])));
        cut.WaitForElement("svg#chart", Patience);

        Assert.Empty(cut.FindAll("script"));
        Assert.Contains($"{Hostile}: 3 plays", cut.Markup.Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(2, cut.FindAll("a.mark[aria-label]").Count);
        Assert.DoesNotContain("NaN", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Donut_SlicesGoRoundOnce()
    {
        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, Model(ChartKind.Donut, ColumnFormat.Text, ["a", 1L], ["b", 1L])));
        cut.WaitForElement("svg#chart", Patience);

        // Two halves: one begins at the top, the other at the bottom.
        Assert.Equal(["M116 10A", "M116 218A"], cut.FindAll("svg#chart path")
            .Select(p => p.GetAttribute("d")![..(p.GetAttribute("d")!.IndexOf('A') + 1)]));
    }

    private static ChartModel Model(ChartKind kind, ColumnFormat axis, params object?[][] rows)
    {
        var report = FakeReports.TopSongs with
        {
            Columns = [new("title", "Title", axis), new("plays", "Plays", ColumnFormat.Count)],
            Chart = new ReportChart(kind, "title", ["plays"]),
        };
        return ChartModel.Of(Result(report, [.. rows]), row => $"/rows?of={row[0]}");
    }

    private static ReportResult Result(ReportInfo report, IReadOnlyList<IReadOnlyList<object?>> rows) =>
        new(report, "music", [], rows, false, "", TimeSpan.Zero, new DataVersion(1, Sample.Noon), Sample.Noon, false);
}
