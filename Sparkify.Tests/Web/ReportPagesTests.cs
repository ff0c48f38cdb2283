using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Reports;

namespace Sparkify.Tests.Web;

public sealed class ReportPagesTests : PageTest
{
    public ReportPagesTests() => Reports.Have(FakeReports.TopSongs);

    [Fact]
    public void Catalogue_Find_NarrowsAndLinksToTheWarehouse()
    {
        Reports.Have(FakeReports.TopSongs with { Id = "users", Title = "Active users", Question = "Who came back?" });
        Warehouses.Have(Sample.Warehouse(published: true));
        var cut = Render<ReportsPage>();
        Assert.Equal(["/reports/top-songs?warehouse=music", "/reports/users?warehouse=music"], cut.FindAll(".shelf a[href^='/reports/']")
            .Select(a => a.GetAttribute("href")));

        On(cut, "input[type=search]", i => i.Input("came BACK"));

        Assert.Equal(["/reports/users?warehouse=music"], cut.FindAll(".shelf a").Select(a => a.GetAttribute("href")));
        Assert.Equal("/reports?find=came%20BACK", Assert.Single(JSInterop.Invocations["sparkify.follow"]).Arguments[0]);
        On(cut, "input[type=search]", i => i.Input("nothing like it"));
        Assert.Contains("No report", cut.Find(".empty h2").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_HostileValues_AreText()
    {
        Reports.OnRun = (_, _) => [["<script>alert(1)</script>", 3L], [new string('x', 10_000), 2L], [null, 1L]];

        var cut = Open("/reports/top-songs");

        Assert.Empty(cut.FindAll("script"));
        Assert.Equal("<script>alert(1)</script>", cut.Find("[data-testid=report-table] bdi").TextContent);
        Assert.True(cut.FindAll("[data-testid=report-table] bdi")[1].TextContent.Length < 200);
        Assert.Equal("null", cut.FindAll("[data-testid=report-table] tbody tr")[2].QuerySelector("td .null")!.TextContent);
    }

    [Fact]
    public void Report_ParameterChanged_GoesThroughTheAddressAndAsksAgain()
    {
        Reports.OnRun = (_, parameters) => [[parameters.TryGetValue("level", out var level) ? $"only {level}" : "any", 1L]];
        var cut = Open("/reports/top-songs?warehouse=music&top=5&unknown=1");
        Assert.Equal([("top", "5")], Reports.Asked.Single().Parameters.Select(p => (p.Key, p.Value)));

        Choose(cut, "level", "paid");

        Assert.EndsWith(
            "/reports/top-songs?warehouse=music&top=5&level=paid", Services.GetRequiredService<NavigationManager>().Uri,
            StringComparison.Ordinal);
        cut.WaitForAssertion(
            () => Assert.Contains("only paid", cut.Find("[data-testid=report-table]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal(
            [
                "/api/v1/warehouses/music/reports/top-songs?top=5&level=paid&format=csv&csv=excel",
                "/api/v1/warehouses/music/reports/top-songs?top=5&level=paid&format=csv&csv=raw",
            ],
            cut.FindAll("a[download]").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public void Report_OfMoreDaysThanThereIsRoomFor_IsDrawnInWiderSteps_AndSaysSo()
    {
        Reports.Have(FakeReports.PlaysOverTime);
        var first = new DateTime(2010, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        Reports.OnRun = (_, parameters) => parameters.GetValueOrDefault("per") switch
        {
            "month" => [.. Enumerable.Range(0, 120).Select(m => (IReadOnlyList<object?>)[first.AddMonths(m), 30L])],
            "week" => [.. Enumerable.Range(0, 1000).Select(w => (IReadOnlyList<object?>)[first.AddDays(w * 7), 7L])],
            _ => [.. Enumerable.Range(0, 1000).Select(d => (IReadOnlyList<object?>)[first.AddDays(d), 1L])],
        };

        var cut = Open("/reports/plays-over-time?warehouse=music", id: "plays-over-time");

        Assert.Equal([null, "week", "month"], Reports.Asked.Select(a => a.Parameters.GetValueOrDefault("per")));
        Assert.Equal(120, cut.FindAll("#chart a.mark").Count);
        Assert.Equal(
            "/reports/plays-over-time?warehouse=music&per=month&mark.period=2010-01-01&rows=1",
            cut.Find("#chart a.mark").GetAttribute("href"));
        Assert.Contains(
            "Drawn by month: by day there are more points than there is room for. The CSV has every day.",
            string.Join(' ', cut.FindAll("#chart figcaption p").Select(t => t.TextContent)), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_WarehouseDidNotAnswer_CanBeAskedAgain()
    {
        var silent = true;
        Reports.OnRun = (_, _) => silent ? throw SparkifyException.Unavailable("The warehouse took too long.") : [["Song", 3L]];
        var cut = Open("/reports/top-songs?warehouse=music");
        silent = false;

        Press(cut, "Try again");

        cut.WaitForElement("[data-testid=report-table]", Patience);
        Assert.Empty(cut.FindAll(".problem"));
        Assert.DoesNotContain("Try again", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_ParameterThatIsNone_IsNotWorthAskingAgain()
    {
        Reports.OnRun = (_, _) => throw SparkifyException.Invalid("'abc' is no value for 'top'.");

        var cut = Open("/reports/top-songs?warehouse=music&top=abc");

        Assert.DoesNotContain("Try again", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_RowChosen_ShowsTheRowsBehindItAndKeepsTheAnswer()
    {
        Reports.OnRun = (_, _) => [["Song & more", 3L]];
        var cut = Open("/reports/top-songs?warehouse=music");
        var href = cut.Find("[data-testid=report-table] td a").GetAttribute("href")!;
        Assert.Equal("/reports/top-songs?warehouse=music&mark.title=Song%20%26%20more&rows=1", href);

        Services.GetRequiredService<NavigationManager>().NavigateTo(href.Replace("rows=1", "rows=2", StringComparison.Ordinal));

        cut.WaitForElement(".drill .data-table", Patience);
        Assert.Equal(("Song & more", 2), (Reports.Drilled.Last().Mark["title"], Reports.Drilled.Last().Page));
        Assert.Single(Reports.Asked);
        Assert.Contains("<b>8</b>", cut.Find(".drill").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Query_MarksOfNothingAndOfAnEmptyText_AreTwoMarks()
    {
        var query = ReportQuery.From(FakeReports.TopSongs, "http://x/reports/top-songs?warehouse=music");

        foreach (var value in new[] { null, "", "a&b=c" })
        {
            var mark = new Dictionary<string, string?> { ["title"] = value };
            var read = ReportQuery.From(FakeReports.TopSongs, "http://x" + (query with { Mark = mark, Page = 3 }).ToUrl());
            Assert.Equal((value, 3), (read.Mark!["title"], read.Page));
        }

        Assert.Null(query.Mark);
    }

    [Fact]
    public void Report_AnotherStarPublished_AsksAgainByItself()
    {
        Reports.OnRun = (_, _) => [["old", 1L]];
        var cut = Open("/reports/top-songs?warehouse=music");
        Assert.Contains("old", cut.Find("[data-testid=report-table]").TextContent, StringComparison.Ordinal);

        Reports.OnRun = (_, _) => [["new", 2L]];
        Warehouses.Publish(Sample.Warehouse(published: true) with { PublishedRun = 9 });

        cut.WaitForAssertion(
            () => Assert.Contains("new", cut.Find("[data-testid=report-table]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Report_TrustLine_SaysWhatTheFiguresStandOn()
    {
        Reports.OnRun = (_, _) => [["a", 1L]];
        var cut = Open("/reports/top-songs?warehouse=music");

        var trust = cut.Find("[data-testid=trust]").TextContent;
        Assert.Contains("1,786 events read, every one accounted for, 6 rejected", trust, StringComparison.Ordinal);
        Assert.Contains("14 of 14 checks passed", trust, StringComparison.Ordinal);
        Assert.Contains("From the cache", trust, StringComparison.Ordinal);
        On(cut, "[data-testid=trust] button", b => b.Click());

        cut.WaitForAssertion(() => Assert.True(Reports.Asked.Last().Fresh), Patience);
        cut.WaitForAssertion(
            () => Assert.DoesNotContain("From the cache", cut.Find("[data-testid=trust]").TextContent, StringComparison.Ordinal), Patience);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData(0L, false)]
    [InlineData(3L, true)]
    public void Report_TrustLine_CountsTheFilesThatWereNotRead(long? files, bool told)
    {
        Reports.OnRun = (_, _) => [["a", 1L]];
        Reports.FilesLeftOut = files;
        var cut = Open("/reports/top-songs?warehouse=music");

        var trust = cut.Find("[data-testid=trust]");

        Assert.Equal(told, trust.TextContent.Contains("3 files left out", StringComparison.Ordinal));
        Assert.Equal(told, trust.TextContent.Contains("3 files without one good record", StringComparison.Ordinal));
        Assert.Equal(told ? 1 : 0, cut.FindAll("[data-testid=trust] span[title*='notes.txt'] a[href='/warehouses/music/source']").Count);
    }

    [Fact]
    public void Report_TrustLine_WarnsOfWhatIsTooOld()
    {
        Reports.OnRun = (_, _) => [["a", 1L]];
        Reports.Stale = ["The newest event is 3 days old; it may be at most 2 days old."];

        Assert.Equal(Reports.Stale, Open("/reports/top-songs?warehouse=music").FindAll("[data-testid=trust] .warn").Select(Words));
    }

    [Fact]
    public void Report_Refused_ShowsTheSentenceAndKeepsTheParameters()
    {
        Reports.OnRun = (_, _) => throw SparkifyException.Invalid("top must be between 1 and 1000, was 0.");

        var cut = Open("/reports/top-songs?warehouse=music&top=0");

        Assert.Contains("must be between 1 and 1000", cut.Find(".problem").TextContent, StringComparison.Ordinal);
        Assert.Equal("0", cut.Find("input[name=top]").GetAttribute("value"));
    }

    [Fact]
    public void Report_NothingPublished_SaysWhatToDo()
    {
        var cut = Open("/reports/top-songs?warehouse=music", Sample.Warehouse());

        Assert.Contains("Nothing is loaded in music", cut.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Empty(Reports.Asked);
    }

    [Fact]
    public void Report_Filters_AreFoldedWhereThereIsLittleRoom_UntilTheyAreAskedFor()
    {
        Reports.OnRun = static (_, _) => [["a", 1L]];
        var cut = Open("/reports/top-songs?warehouse=music");
        Assert.Contains("folded", cut.Find("form.filters").ClassList);

        On(cut, "button[aria-expanded=false].slim", static b => b.Click());

        cut.WaitForAssertion(() => Assert.DoesNotContain("folded", cut.Find("form.filters").ClassList), Patience);
    }

    [Fact]
    public void Report_HeadClicked_SortsByItThroughTheAddress_WithoutAskingAgain()
    {
        Reports.OnRun = (_, _) => [["b", 2L], ["a", 3L], ["C", 1L], [null, 9L]];
        var cut = Open("/reports/top-songs?warehouse=music");
        Assert.Equal(
            ["/reports/top-songs?warehouse=music&sort=title", "/reports/top-songs?warehouse=music&sort=-plays"],
            cut.FindAll("th a").Select(a => a.GetAttribute("href")));
        Assert.Equal(["b", "a", "C", "null"], Titles());

        Follow("Plays", "sort=-plays", ["null", "a", "b", "C"]);
        Assert.Equal("descending", cut.FindAll("th")[1].GetAttribute("aria-sort"));
        Follow("Plays", "sort=plays", ["C", "b", "a", "null"]);
        Assert.Equal("ascending", cut.FindAll("th")[1].GetAttribute("aria-sort"));
        Follow("Title", "sort=title", ["a", "b", "C", "null"]);
        Follow("Title", "sort=-title", ["C", "b", "a", "null"]);
        Follow("Title", "warehouse=music", ["b", "a", "C", "null"]);
        Assert.Single(Reports.Asked);

        IEnumerable<string> Titles() => cut.FindAll("[data-testid=report-table] tbody tr")
            .Select(r => r.QuerySelector("td")!.TextContent.Trim());

        void Follow(string head, string address, string[] order)
        {
            var nav = Services.GetRequiredService<NavigationManager>();
            nav.NavigateTo(cut.FindAll("th a").First(a => a.TextContent.Trim() == head).GetAttribute("href")!);
            Assert.EndsWith(address, nav.Uri, StringComparison.Ordinal);
            cut.WaitForAssertion(() => Assert.Equal(order, Titles()), Patience);
        }
    }

    [Fact]
    public void Report_LastDays_AreThoseOfTheData_AndStayWordsInTheAddress()
    {
        Reports.Have(Dated);
        Reports.OnRun = (_, _) => [["Song", 3L]];

        var cut = Open("/reports/dated?warehouse=music&last=7", id: "dated");

        Assert.Equal(
            [("from", "2018-11-24"), ("to", "2018-11-30")], Reports.Asked.Single().Parameters.Select(p => (p.Key, p.Value)));
        Assert.Equal(
            ["2018-11-24", "2018-11-30"],
            cut.FindAll("[data-filter=days] input").Select(i => i.GetAttribute("value")).Where(v => v is { Length: 10 }));
        Assert.Equal("Last 7 days", cut.Find("[data-filter=days] label").TextContent);
        Assert.Equal(
            "/reports/dated?warehouse=music&last=7&mark.title=Song&rows=1",
            cut.Find("[data-testid=report-table] td a").GetAttribute("href"));
        Assert.Contains("?from=2018-11-24&to=2018-11-30&", cut.Find("a[download]").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_WordsInTheCalendar_ChooseTheDays()
    {
        Reports.Have(Dated);
        Reports.OnRun = (_, _) => [["Song", 3L]];
        var cut = Open("/reports/dated?warehouse=music&from=2018-11-03&sort=title", id: "dated");

        On(cut, "[data-filter=days] button[aria-label='Open the calendar']", b => b.Click());
        On(Popovers, "button", b => b.Click(), "Last 14 days");

        cut.WaitForAssertion(() => Assert.Equal(
            [("from", "2018-11-17"), ("to", "2018-11-30")], Reports.Asked.Last().Parameters.Select(p => (p.Key, p.Value))), Patience);
        Assert.EndsWith(
            "/reports/dated?warehouse=music&last=14&sort=title", Services.GetRequiredService<NavigationManager>().Uri,
            StringComparison.Ordinal);
    }

    private static ReportInfo Dated => FakeReports.TopSongs with
    {
        Id = "dated",
        Parameters =
        [
            new ReportParameter("from", "From", ReportParameterKind.Date, "From this day."),
            new ReportParameter("to", "To", ReportParameterKind.Date, "To this day."),
        ],
    };

    private void Choose(IRenderedComponent<ReportPage> cut, string filter, string item)
    {
        On(cut, $"[data-filter={filter}] .mud-input-control", i => i.MouseDown());
        On(Popovers, ".mud-list-item", i => i.Click(), item);
    }

    private IRenderedComponent<ReportPage> Open(string address, Warehouse? warehouse = null, string id = "top-songs")
    {
        Warehouses.Have(warehouse ?? Sample.Warehouse(published: true));
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var cut = Render<ReportPage>(p => p.Add(r => r.Id, id));
        cut.WaitForElement("[data-testid=report-table], .empty, .problem", Patience);
        return cut;
    }
}
