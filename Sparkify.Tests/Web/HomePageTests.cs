using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Home;

namespace Sparkify.Tests.Web;

public sealed class HomePageTests : PageTest
{
    private static readonly DateTime Day = new(2018, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    public HomePageTests()
    {
        Reports.Have([.. ReportCatalog.All.Select(r => r.Info)]);
        Reports.Plays = new PlayCounts(120, 120, 20, 0, 100, 5);
        Reports.OnRun = static (id, _) => id switch
        {
            "free-and-paid" => [[Day, 10L, 30L], [Day.AddDays(1), 20L, 40L]],
            "active-users" => [[Day, 4L, 40L], [Day.AddDays(1), 6L, 60L]],
            "match-rate" => [[Day, 40L, 2L, 0.05], [Day.AddDays(1), 60L, 3L, 0.05]],
            "top-songs" => [["Undo", "Björk", 28L]],
            "top-artists" => [["Björk", 28L]],
            _ => [[1L, 8L, 3L]],
        };
    }

    [Fact]
    public void Home_NoWarehouses_OffersTheFirstOneAndTheSample()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 1, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Render<HomePage>();

        Assert.Contains(cut.FindAll("a"), a => a.TextContent.Contains("Create your first warehouse", StringComparison.Ordinal));
        Press(cut, "Load the sample");

        cut.WaitForAssertion(() => Assert.Single(Runs.Started), Patience);
        Assert.Equal(("sample", RunKind.Provision, RunKind.Load, Actor.LocalAdministrator), Runs.Started.Single());
        Assert.IsType<SampleSource>(Warehouses.Created.Single().Source);
    }

    [Fact]
    public void Home_Opened_ShowsFiguresAndTheNextAction()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have(
            "music", Reports.Plays, Sample.Table("songplays", 100, TableRole.Fact), Sample.Table("users", 74),
            Sample.Table("artists", null));
        Runs.Have(Load(1, rows: 80));
        Runs.Have(Load(2, rows: 100, rejects: 2));

        var cut = Render<HomePage>();

        cut.WaitForAssertion(() => Assert.Equal("100 +20", Figure(cut, HomeFigureId.Plays)), Patience);
        Assert.Equal("5 at most 6", Figure(cut, HomeFigureId.Listeners));
        Assert.Equal("70 % 70 plays", Figure(cut, HomeFigureId.Paid));
        Assert.Equal("5 % 5 plays", Figure(cut, HomeFigureId.Matched));
        Assert.Equal("100", cut.Find("[data-testid=rows-songplays]").TextContent);
        Assert.Equal("", cut.Find("[data-testid=rows-artists]").TextContent);
        Assert.Contains(cut.FindAll(".head button"), b => b.TextContent.Trim() == "Load again");
        Assert.Equal(["/runs/1", "/runs/2"], cut.FindAll(".strip a").Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public void Home_SomeDaysInTheAddress_AreWhatTheFiguresAndThePinsAreAbout()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", Reports.Plays, Sample.Table("songplays", 100, TableRole.Fact));
        Dashboards.ChangeElsewhere(IDashboards.Home, new DashboardTile("top-artists", new Dictionary<string, string?> { ["top"] = "3" }));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?last=7");

        var cut = Render<HomePage>();

        // Counted from the days' own rows, not from what the load wrote down about all of them.
        cut.WaitForAssertion(() => Assert.Equal("100", Figure(cut, HomeFigureId.Plays)), Patience);
        Assert.Equal("5 % 5 plays", Figure(cut, HomeFigureId.Matched));
        cut.WaitForAssertion(() => Assert.Equal(
            "/reports/top-artists?warehouse=music&top=3&last=7", cut.Find(".pinned h2 a").GetAttribute("href")), Patience);
        Assert.All(
            Reports.Asked.Where(static a => a.Id != "rows-per-table"), static a => Assert.Equal("2018-11-24", a.Parameters["from"]));
        Assert.Equal("/reports/top-songs?warehouse=music&last=7", cut.FindAll(".g h2 a").First(static a => a.TextContent.Trim() == "Top songs")
            .GetAttribute("href"));
    }

    [Fact]
    public void Home_RunProgresses_ShowsItLive()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<HomePage>();

        Runs.Publish(Sample.Run(steps: [Sample.Step("stage-events", StepState.Running, rows: 4_200, share: 0.42)]));

        cut.WaitForAssertion(() => Assert.Contains("4,200 rows", cut.Find(".active-run").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("42 %", cut.Find(".active-run").TextContent, StringComparison.Ordinal);
        Assert.Equal("/runs/7", cut.Find(".head a.mud-button-filled").GetAttribute("href"));
    }

    [Fact]
    public void Home_RunProgresses_SaysHowFarTheWholeIs()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<HomePage>();

        Runs.Publish(Sample.Run(steps:
            [Sample.Step("scan", StepState.Succeeded), Sample.Step("stage-events", StepState.Running, rows: 4_200, share: 0.5)]));

        cut.WaitForAssertion(
            () => Assert.Contains("75 % of the whole", cut.Find(".active-run").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Home_WhatNeedsAPerson_ComesFirst_DecisionsBeforeFailures()
    {
        Warehouses.Have(Sample.Warehouse("broken"));
        Warehouses.Have(Sample.Warehouse("doubtful"));
        Warehouses.Have(Sample.Warehouse("fine"));
        Runs.Have(Sample.Run(id: 9, state: RunState.Failed, warehouse: "broken"));
        Runs.Have(Sample.Asking(id: 8) with { Warehouse = "doubtful" });
        Runs.Have(Sample.Run(id: 10, state: RunState.Succeeded, warehouse: "fine"));

        var cut = Render<HomePage>();

        Assert.Equal(["/runs/8", "/runs/9"], cut.FindAll("[data-testid=needs] a").Select(a => a.GetAttribute("href")));
        Assert.Contains("Plays fell.", cut.Find("[data-testid=needs] a").TextContent, StringComparison.Ordinal);

        Runs.Publish(Sample.Run(id: 11, state: RunState.Succeeded, warehouse: "broken"));

        cut.WaitForAssertion(() => Assert.Single(cut.FindAll("[data-testid=needs] a")), Patience);
    }

    [Fact]
    public void Home_OnlyTheSample_OffersTheWaysToOnesOwnData_UntilThereAreSome()
    {
        Warehouses.Have(Sample.Warehouse("sample") with { Source = new SampleSource() });
        var cut = Render<HomePage>();
        Assert.Equal(
            ["/warehouses/new?target=local", "/warehouses/new?target=redshift", "/warehouses/new?target=redshift"],
            cut.FindAll("[data-testid=own-data] a").Select(static a => a.GetAttribute("href")));

        Warehouses.Publish(Sample.Warehouse("own"));

        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll("[data-testid=own-data]")), Patience);
    }

    [Fact]
    public void Home_AnotherWarehouseInTheAddress_IsShown()
    {
        Warehouses.Have(Sample.Warehouse("first", published: true));
        Warehouses.Have(Sample.Warehouse("second"));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/?warehouse=second");

        var cut = Render<HomePage>();

        Assert.Equal("second", cut.Find("h1").TextContent);
        Assert.Contains("No loads yet", cut.Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Home_StreamBreaks_ShowsTheError()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.BreakNextStream(new InvalidOperationException("The feed is gone"));

        var cut = Render<ErrorBoundary>(p => p
            .AddChildContent<HomePage>()
            .Add(b => b.ErrorContent, ex => builder => builder.AddContent(0, ex.Message)));

        cut.WaitForAssertion(() => Assert.Contains("The feed is gone", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Home_Disposed_LeavesNoSubscriber()
    {
        Warehouses.Have(Sample.Warehouse());
        Render<HomePage>();
        Assert.True(Runs.Subscribers + Warehouses.Subscribers >= 2);

        await DisposeComponentsAsync();

        Assert.Equal(0, Runs.Subscribers + Warehouses.Subscribers);
    }

    [Fact]
    public void Home_StartRefused_ShowsTheSentenceAndTheRunInTheWay()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.OnStart = (_, _, _) => throw SparkifyException.Conflict("Run 9 is at work on music. Wait for it or cancel it.", activeRun: 9);
        var cut = Render<HomePage>();

        Press(cut, "Load");

        cut.WaitForAssertion(
            () => Assert.Contains("Wait for it or cancel it.", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal("/runs/9", cut.Find("[role=alert] a").GetAttribute("href"));
        Assert.DoesNotContain("/runs/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Home_StartBreaks_ShowsAGenericSentenceAndNoDetails()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.OnStart = (_, _, _) => throw new InvalidOperationException("Host=secret;Password=hunter2");
        var cut = Render<HomePage>();

        Press(cut, "Load");

        cut.WaitForElement("[role=alert]", Patience);
        Assert.DoesNotContain("hunter2", cut.Markup, StringComparison.Ordinal);
    }

    private static RunView Load(long id, long rows, long? rejects = null) => Sample.Run(id, RunState.Succeeded, steps:
        [Sample.Step("stage-events", StepState.Succeeded, rejects: rejects), Sample.Step("songplays", StepState.Succeeded, rows: rows)]);

    private static string Figure(IRenderedComponent<HomePage> cut, HomeFigureId id) => string.Join(
        ' ', cut.FindAll($"[data-testid=figure-{id.ToString().ToLowerInvariant()}] .v > *").Select(e => e.TextContent.Trim())).Trim();
}
