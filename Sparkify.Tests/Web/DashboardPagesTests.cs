using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Dashboards;
using Sparkify.Web.Features.Reports;

namespace Sparkify.Tests.Web;

public sealed class DashboardPagesTests : PageTest
{
    private static readonly ReportInfo Dated = FakeReports.TopSongs with
    {
        Id = "dated",
        Title = "Dated songs",
        Parameters =
        [
            new ReportParameter("from", "From", ReportParameterKind.Date, "From this day."),
            new ReportParameter("to", "To", ReportParameterKind.Date, "To this day."),
        ],
    };

    public DashboardPagesTests()
    {
        Reports.Have(FakeReports.TopSongs, Dated);
        Reports.OnRun = static (_, _) => [["Undo", 3L]];
        Warehouses.Have(Sample.Warehouse(published: true));
    }

    private NavigationManager Nav => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void Dashboard_ItsFilters_GoToTheReportsThatTakeThem()
    {
        Dashboards.Have("songs", Tile("top-songs", ("top", "5")), Tile("dated"));
        var cut = Open("/dashboards/songs?warehouse=music&last=7&level=paid");

        Assert.Equal(["Top songs", "Dated songs"], Titles(cut));
        Assert.Equal(
            ["top-songs level=paid top=5", "dated from=2018-11-24 to=2018-11-30"],
            Reports.Asked.Select(static a =>
                $"{a.Id} {string.Join(' ', a.Parameters.OrderBy(static p => p.Key).Select(static p => $"{p.Key}={p.Value}"))}"));
        Assert.Equal(
            ["/reports/top-songs?warehouse=music&top=5&level=paid", "/reports/dated?warehouse=music&last=7"],
            cut.FindAll(".tile h2 a").Select(static a => a.GetAttribute("href")));

        Assert.Equal(["top 5, all days", "all levels"], cut.FindAll(".tile header .hint").Select(static h => h.TextContent));

        On(cut, "[data-filter=level] .mud-input-control", static i => i.MouseDown());
        On(Popovers, ".mud-list-item", static i => i.Click(), "free");

        cut.WaitForAssertion(() => Assert.Equal("free", Reports.Asked.Last().Parameters["level"]), Patience);
        Assert.EndsWith("/dashboards/songs?warehouse=music&last=7&level=free", Nav.Uri, StringComparison.Ordinal);
        Assert.Equal(3, Reports.Asked.Count); // what does not take the level is not asked again
    }

    [Fact]
    public void Dashboard_Arranged_IsKept_AndATileTakenOffCanComeBack()
    {
        Dashboards.Have("songs", Tile("top-songs"), Tile("dated"));
        var cut = Open("/dashboards/songs");

        Press(cut, "Arrange");
        On(cut, "button[aria-label='Move Dated songs before']", static b => b.Click());
        cut.WaitForAssertion(() => Assert.Equal(["Dated songs", "Top songs"], Titles(cut)), Patience);
        On(cut, "button[aria-label='Make Dated songs wide']", static b => b.Click());
        cut.WaitForAssertion(() => Assert.Contains("x8", cut.Find(".tile").ClassName, StringComparison.Ordinal), Patience);
        On(cut, "button[aria-label='Take Dated songs off']", static b => b.Click());
        cut.WaitForAssertion(() => Assert.Equal(["Top songs"], Titles(cut)), Patience);
        On(Snackbars, "button", static b => b.Click(), "Undo");

        cut.WaitForAssertion(() => Assert.Equal(["Dated songs", "Top songs"], Titles(cut)), Patience);
        Assert.Equal([("dated", true), ("top-songs", false)], Dashboards["songs"].Tiles.Select(static t => (t.Report, t.Wide)));
    }

    [Fact]
    public void Dashboard_ChangedByAnother_IsShownAsItStands()
    {
        Dashboards.Have("songs", Tile("top-songs"));
        var cut = Open("/dashboards/songs");

        Dashboards.ChangeElsewhere("songs", Tile("dated"), Tile("gone"));

        cut.WaitForAssertion(() => Assert.Equal(["Dated songs", "gone"], Titles(cut)), Patience);
        Assert.Contains("There is no such report any more.", cut.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Dashboard_RenderedWhileItReads_AsksEachReportOnce()
    {
        Dashboards.Have("songs", Tile("top-songs"), Tile("dated"));
        var answered = new TaskCompletionSource();
        Reports.Until = answered.Task;
        Nav.NavigateTo("/dashboards/songs");
        var cut = Render<DashboardPage>(static p => p.Add(static d => d.Id, "songs"));
        cut.WaitForAssertion(() => Assert.Single(Reports.Asked), Patience);

        for (var render = 0; render < 3; render++)
        {
            cut.Render();
        }

        answered.SetResult();

        cut.WaitForAssertion(() => Assert.Equal(2, cut.FindAll(".tile .chart").Count), Patience);
        Assert.Equal(["top-songs", "dated"], Reports.Asked.Select(static a => a.Id));
    }

    [Fact]
    public void Dashboard_RenamedAndDeleted_AfterAQuestion()
    {
        Dashboards.Have("songs", Tile("top-songs"));
        var cut = Open("/dashboards/songs");

        On(cut, "button[aria-label=More]", static b => b.Click());
        On(Popovers, ".mud-menu-item", static i => i.Click(), "Rename");
        On(Dialogs, "input", static i => i.Input("Hits"));
        On(Dialogs, "form", static f => f.Submit());
        cut.WaitForAssertion(() => Assert.Equal("Hits", cut.Find("h1").TextContent), Patience);

        On(cut, "button[aria-label=More]", static b => b.Click());
        On(Popovers, ".mud-menu-item", static i => i.Click(), "Delete");
        Press(Dialogs, "Delete it");

        cut.WaitForAssertion(() => Assert.EndsWith("/reports", Nav.Uri, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Dashboard_ThatIsNot_SaysSo()
    {
        var cut = Render<DashboardPage>(static p => p.Add(static d => d.Id, "none"));

        cut.WaitForAssertion(() => Assert.Equal("There is no dashboard “none”", cut.Find("h1").TextContent), Patience);
    }

    [Fact]
    public void Report_Pinned_KeepsItsParametersWithoutDays_AndASecondTimeIsRefusedInWords()
    {
        Nav.NavigateTo("/reports/top-songs?warehouse=music&top=5");
        var cut = Render<ReportPage>(static p => p.Add(static r => r.Id, "top-songs"));
        Pin("Home");
        Snackbars.WaitForAssertion(() => Assert.Contains("“Top songs” is on Home.", Snackbars.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal([("top", "5")], Assert.Single(Dashboards[IDashboards.Home].Tiles).Parameters.Select(static p => (p.Key, p.Value)));

        Pin("Home");
        Snackbars.WaitForAssertion(() => Assert.Contains("It is on Home already.", Snackbars.Markup, StringComparison.Ordinal), Patience);

        Pin("New dashboard…");
        On(Dialogs, "input", static i => i.Input("Hits"));
        On(Dialogs, "form", static f => f.Submit());
        cut.WaitForAssertion(() => Assert.Equal("top-songs", Assert.Single(Dashboards["hits"].Tiles).Report), Patience);

        void Pin(string where)
        {
            Press(cut, "Pin");
            On(Popovers, ".mud-menu-item", static i => i.Click(), where);
        }
    }

    [Fact]
    public void Reports_ShowTheDashboards_AndMakeOne()
    {
        Dashboards.Have("songs", Tile("top-songs"), Tile("dated"));
        var cut = Render<ReportsPage>();
        cut.WaitForAssertion(() => Assert.Equal(
            [("/?warehouse=music", "0 reports pinned to Home"), ("/dashboards/songs?warehouse=music", "2 reports")],
            cut.FindAll(".shelf a").Take(2).Select(
                static a => (a.GetAttribute("href"), a.QuerySelector(".quiet")!.TextContent))), Patience);

        Press(cut, "New dashboard");
        On(Dialogs, "form", static f => f.Submit());
        Dialogs.WaitForAssertion(() => Assert.Contains("Give it a name.", Dialogs.Markup, StringComparison.Ordinal), Patience);
        On(Dialogs, "input", static i => i.Input("Hits"));
        On(Dialogs, "form", static f => f.Submit());

        cut.WaitForAssertion(() => Assert.EndsWith("/dashboards/hits?warehouse=music", Nav.Uri, StringComparison.Ordinal), Patience);
    }

    private static DashboardTile Tile(string report, params (string Name, string? Value)[] parameters) =>
        new(report, parameters.ToDictionary(static p => p.Name, static p => p.Value));

    private static IEnumerable<string> Titles(IRenderedComponent<DashboardPage> cut) =>
        cut.FindAll(".tile h2").Select(static h => h.TextContent.Trim());

    private IRenderedComponent<DashboardPage> Open(string address)
    {
        Nav.NavigateTo(address);
        var cut = Render<DashboardPage>(static p => p.Add(static d => d.Id, "songs"));
        var tiles = Dashboards["songs"].Tiles.Count;
        cut.WaitForAssertion(() => Assert.Equal(tiles, cut.FindAll(".tile .chart").Count), Patience);
        return cut;
    }
}
