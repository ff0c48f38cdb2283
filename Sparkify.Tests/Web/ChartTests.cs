using Bunit;
using Sparkify.Core.Reports;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Reports.Charts;
using Sparkify.Web.Shared;

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
    public void Lines_OneDayFarFromTheOthers_DoesNotFlattenThem()
    {
        var model = Model(
            ChartKind.Lines, ColumnFormat.Day, [new DateTime(1970, 1, 18, 0, 0, 0, DateTimeKind.Utc), 1L], [Day, 50L],
            [Day.AddDays(2), 7L]);

        Assert.Equal([1, 0, 0, 0, 50, 0, 7], model.Marks.Select(m => m.Values[0]));
        Assert.Equal([2], model.Marks.Index().Where(m => m.Item.IsGap).Select(m => m.Index));
        Assert.Equal(
            ["Not to scale: nothing happened from 20 Jan 1970 to 30 Oct 2018 (17,816 days), which is drawn as a gap."], model.Notes);
        Assert.False(model.IsCrowded);
    }

    [Fact]
    public void Lines_DaysFarApartOnBothSides_AreTwoGaps()
    {
        var model = Model(
            ChartKind.StackedColumns, ColumnFormat.Day, [Day.AddYears(-48), 1L], [Day, 50L], [Day.AddDays(1), 7L], [Day.AddYears(9), 1L]);

        Assert.Equal(10, model.Marks.Count);
        Assert.Equal(2, model.Marks.Count(m => m.IsGap));
        Assert.StartsWith("Not to scale: 2 stretches in which nothing happened, 20,8", Assert.Single(model.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_AFewQuietWeeks_StayToScale() => Assert.Empty(
        Model(ChartKind.Lines, ColumnFormat.Day, [Day, 5L], [Day.AddDays(28), 7L], [Day.AddDays(60), 2L], [Day.AddDays(61), 2L]).Notes);

    [Fact]
    public void Lines_TenYearsOfDays_AreMoreThanThereIsRoomFor()
    {
        var days = Enumerable.Range(0, 1000).Select(i => new object?[] { Day.AddDays(i * 3), 1L }).ToArray();

        Assert.True(Model(ChartKind.Lines, ColumnFormat.Day, days).IsCrowded);
        Assert.False(Model(ChartKind.Lines, ColumnFormat.Day, days[..200]).IsCrowded);
    }

    [Fact]
    public void Lines_OfShares_LeaveOutWhatIsUnknown_AndSaySo()
    {
        var report = FakeReports.TopSongs with
        {
            Columns = [new("period", "From day", ColumnFormat.Day), new("share", "Share", ColumnFormat.Share)],
            Chart = new ReportChart(ChartKind.Lines, "period", ["share"]),
        };

        var model = ChartModel.Of(Result(report, [[Day, 0.5], [Day.AddDays(9), 1d]]), _ => null);

        Assert.Equal([0.5, 1], model.Marks.Select(m => m.Values[0]));
        Assert.Equal(["Days without a row are not drawn, so points side by side may lie apart."], model.Notes);
    }

    [Theory]
    [InlineData("month", "Oct 2018", 3)]
    [InlineData("year", "2018", 1)]
    public void Lines_InWiderSteps_AreLabelledByThem(string per, string label, int marks)
    {
        var report = FakeReports.PlaysOverTime;
        var first = new DateTime(2018, per == "month" ? 10 : 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = per == "month" ? new object?[][] { [first, 3L], [first.AddMonths(2), 4L] } : [[first, 3L]];

        var model = ChartModel.Of(Result(report, [.. rows]) with { Arguments = [new("per", "Per", per)] }, _ => null);

        Assert.Equal((marks, label), (model.Marks.Count, model.Marks[0].Label));
    }

    [Theory]
    [InlineData(ChartKind.Lines)]
    [InlineData(ChartKind.StackedColumns)]
    public void Chart_WithAGap_DrawsItAndTellsItInTheDrawing(ChartKind kind)
    {
        var model = Model(kind, ColumnFormat.Day, [Day.AddYears(-48), 1L], [Day, 50L]);

        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, model));

        Assert.Single(cut.FindAll(".chart .gap"));
        Assert.Equal(2, cut.FindAll(".chart a.mark").Count);
        Assert.Equal(model.Notes, cut.FindAll("figcaption p").Select(t => t.TextContent));
        Assert.DoesNotContain("NaN", cut.Markup, StringComparison.Ordinal);
    }

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
        Assert.Equal(
            [(0, 0, "Monday 00:00: 1 play"), (23, 6, "Sunday 23:00: 4 plays")],
            model.Marks.Where(m => m.Values[0] > 0).Select(m => (m.Across, m.Down, m.Words)));
        Assert.Equal(7 * 24, model.Marks.Count);
        Assert.Equal("Monday 01:00: nothing", model.Marks[1].Words);
        Assert.Equal("Sunday 23:00", model.Peak!.Label);
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

        Assert.Empty(cut.FindAll("script"));
        Assert.Contains($"{Hostile}: 3 plays", cut.Markup.Replace("&lt;", "<", StringComparison.Ordinal)
            .Replace("&gt;", ">", StringComparison.Ordinal), StringComparison.Ordinal);
        // By a label, or by the words that stand on it.
        Assert.Equal(2, cut.FindAll("a.mark").Count(m => m.HasAttribute("aria-label") || m.TextContent.Trim().Length > 0));
        Assert.DoesNotContain("NaN", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Donut_SlicesGoRoundOnce()
    {
        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, Model(ChartKind.Donut, ColumnFormat.Text, ["a", 1L], ["b", 1L])));

        // Two halves: one begins at the top, the other at the bottom.
        Assert.Equal(["M88 4A", "M88 172A"], cut.FindAll(".ring path")
            .Select(p => p.GetAttribute("d")![..(p.GetAttribute("d")!.IndexOf('A') + 1)]));
    }

    [Fact]
    public void Donut_MoreThanFiveParts_TakesTheLeastTogether()
    {
        var parts = Enumerable.Range(1, 8).Select(i => new object?[] { $"n{i}", 10L - i }).ToArray();
        var model = Model(ChartKind.Donut, ColumnFormat.Text, parts);

        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, model));

        Assert.Equal(["n1", "n2", "n3", "n4", "4 others"], cut.FindAll(".parts .mark bdi").Select(m => m.TextContent));
        Assert.Equal("14", cut.FindAll(".parts .mark b")[4].TextContent);
    }

    [Theory]
    [InlineData(ChartKind.Bars)]
    [InlineData(ChartKind.Columns)]
    [InlineData(ChartKind.Lines)]
    [InlineData(ChartKind.Donut)]
    public void Chart_OfEveryKind_IsOneTabStopWhoseNameSaysTheFinding(ChartKind kind)
    {
        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, Model(kind, ColumnFormat.Text, ["a", 3L], ["b", 1L])));

        var stop = Assert.Single(cut.FindAll("[tabindex='0']"));
        Assert.Contains("The largest is a: 3 plays.", stop.GetAttribute("aria-label"), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], cut.FindAll("a.mark[tabindex='-1']").Select(m => m.GetAttribute("data-tip")));
        Assert.Equal(["3", "1"], cut.FindAll("a.mark").Select(m => m.GetAttribute("data-values")));
    }

    [Fact]
    public void HeatMap_IsOneTabStop_MarksItsPeakAndSumsItsRows()
    {
        var report = FakeReports.TopSongs with
        {
            Columns =
            [
                new("weekday", "Weekday", ColumnFormat.Weekday), new("hour", "Hour", ColumnFormat.Ordinal),
                new("plays", "Plays", ColumnFormat.Count),
            ],
            Chart = new ReportChart(ChartKind.HeatMap, "hour", ["plays"], "weekday"),
        };
        var model = ChartModel.Of(Result(report, [[5L, 16L, 140L], [5L, 3L, 1200L - 140L], [1L, 0L, 1L]]), _ => null);

        var cut = Render<ChartPanel>(p => p.Add(c => c.Model, model).Add(c => c.Title, "When"));

        Assert.Single(cut.FindAll("[tabindex='0']"));
        Assert.Equal("24", cut.Find(".chart").GetAttribute("data-columns"));
        Assert.Equal("Friday 03:00", Assert.Single(cut.FindAll(".cell.peak")).GetAttribute("data-tip"));
        Assert.Equal("Friday 03:00", cut.FindAll(".legend .key")[1].TextContent);
        Assert.Equal(["1", "0", "0", "0", "1,200", "0", "0", "plays"], cut.FindAll(".sum").Select(s => s.TextContent));
    }

    [Fact]
    public void Legend_SeriesSwitchedOff_IsNeitherDrawnNorSummed_AndTheLastOneStays()
    {
        var report = FakeReports.PlaysOverTime with
        {
            Columns =
            [
                new("period", "Day", ColumnFormat.Day), new("paid", "Paid", ColumnFormat.Count), new("free", "Free", ColumnFormat.Count),
            ],
            Chart = new ReportChart(ChartKind.StackedColumns, "period", ["paid", "free"]),
        };
        var model = ChartModel.Of(Result(report, [[Day, 450L, 29L], [Day.AddDays(1), 10L, 5L]]), _ => "/rows");
        var cut = Render<ChartPanel>(p => p.Add(c => c.Model, model).Add(c => c.Title, "Plays"));
        Assert.Equal("450\t29\t479", cut.Find("a.mark").GetAttribute("data-values"));
        Assert.Equal("var(--s1) Paid\tvar(--s2) Free", cut.Find(".chart").GetAttribute("data-series"));

        On(cut, ".legend button", b => b.Click(), "Paid");

        Assert.Equal(["false", "true"], cut.FindAll(".legend button").Select(b => b.GetAttribute("aria-pressed")));
        Assert.Equal("29", cut.Find("a.mark").GetAttribute("data-values"));
        Assert.Equal("var(--s2) Free", cut.Find(".chart").GetAttribute("data-series"));
        Assert.DoesNotContain("fill:var(--s1)", cut.Markup, StringComparison.Ordinal);
        Assert.Equal("30", cut.FindAll(".y .at")[^1].TextContent);

        On(cut, ".legend button", b => b.Click(), "Free");

        Assert.Equal(["false", "true"], cut.FindAll(".legend button").Select(b => b.GetAttribute("aria-pressed")));
    }

    [Fact]
    public void Columns_OfDays_ShadeWeekendsAndTickWeeks()
    {
        var days = Enumerable.Range(0, 30).Select(i => new object?[] { Day.AddDays(i), (long)i }).ToArray();
        var model = Model(ChartKind.StackedColumns, ColumnFormat.Day, days);

        var cut = Render<ChartFigure>(p => p.Add(c => c.Model, model));

        Assert.Equal(["1 Nov", "8 Nov", "15 Nov", "22 Nov", "29 Nov"], cut.FindAll(".x .at").Select(t => t.TextContent));
        Assert.Equal(8, cut.FindAll("svg rect[fill-opacity='0.45']").Count);
        Assert.Equal("Day (UTC), 2018", cut.Find(".across").TextContent);
        Assert.Equal("Thu 15 Nov 2018", cut.FindAll(".mark")[14].GetAttribute("data-tip"));
    }

    [Fact]
    public void Bars_SayWhatElseNamesARow_QuietlyBesideIt()
    {
        var report = FakeReports.TopSongs with
        {
            Columns =
            [
                new("song", "Song", ColumnFormat.Text), new("artist", "Artist", ColumnFormat.Text),
                new("plays", "Plays", ColumnFormat.Count),
            ],
            Chart = new ReportChart(ChartKind.Bars, "song", ["plays"]),
        };

        var model = ChartModel.Of(Result(report, [["Undo", "Björk", 28L], ["Home", null, 7L]]), _ => null);
        var cut = Render<BarsChart>(p => p.Add(c => c.Model, model));

        Assert.Equal(["Undo Björk", "Home "], cut.FindAll(".name").Select(n => n.TextContent));
        Assert.Equal(["width:100%", "width:25%"], cut.FindAll(".ground").Select(g => g.GetAttribute("style")));
        Assert.Equal("Undo Björk 28", cut.Find(".mark").GetAttribute("aria-label"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(9, 10)]
    public void Scale_OfThingsThatAreCounted_HasNoHalves(double highest, double top)
    {
        var scale = Scale.For(highest, isWhole: true);

        Assert.Equal(top, scale.Top);
        Assert.All(scale.Ticks, tick => Assert.Equal(Math.Round(tick), tick));
    }

    [Fact]
    public void Spark_EndsInADot_AndIsNotRead()
    {
        var cut = Render<Spark>(p => p.Add(s => s.Values, [1, 4, 2]));

        Assert.Equal("true", cut.Find(".spark").GetAttribute("aria-hidden"));
        Assert.Equal("0,18.5 50,2 100,13", cut.Find("polyline").GetAttribute("points"));
        Assert.Equal("top:13px", cut.Find("i").GetAttribute("style"));
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
