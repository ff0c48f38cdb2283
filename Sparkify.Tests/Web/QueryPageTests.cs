using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Reports.Queries;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Query;

namespace Sparkify.Tests.Web;

public sealed class QueryPageTests : PageTest
{
    private static readonly QueryColumn[] Columns = [new("n", "bigint", true), new("title", "text", false)];

    private readonly BunitJSModuleInterop _editor;

    public QueryPageTests()
    {
        _editor = JSInterop.SetupModule("./sql-editor.js").SetupModule("create", _ => true);
        Type(QueryTab.Example, 0);
    }

    [Fact]
    public void Run_RowsCome_ShowsThemAsTextWithWhatIsLeft()
    {
        var cut = Open();
        Press(cut, "Run");
        var run = Started(cut);
        run.All = [["1", "<script>alert(1)</script>"], ["2", null]];

        run.Publish(new QueryView(
            QueryState.Succeeded, Columns, 2, 90_000, false, TimeSpan.FromMilliseconds(431), TimeSpan.FromMilliseconds(22), null));

        cut.WaitForAssertion(() => Assert.Contains(
            "2 rows and 90,000 more", cut.Find("[data-testid=query-state]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(cut.FindAll("script"));
        Assert.Equal("/api/v1/warehouses/music/queries/1/csv?csv=excel", cut.Find("a[download]").GetAttribute("href"));
        Assert.Equal(QueryTab.Example, run.Sql);
    }

    [Fact]
    public void Run_ValueThatIsCut_OpensByKeyboardToo()
    {
        var cut = Open();
        Press(cut, "Run");
        var run = Started(cut);
        run.All = [["1", "short"], ["2", new string('y', 300)]];
        run.Publish(
            new QueryView(QueryState.Succeeded, Columns, 2, 0, false, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(2), null));

        cut.WaitForElement(".grid button.whole", Patience);
        Assert.Single(cut.FindAll(".grid button.whole"));
        On(cut, ".grid button.whole", b => b.Click());

        cut.WaitForAssertion(
            () => Assert.Contains(new string('y', 300), cut.Find(".open").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Run_Fails_SaysWhereAndWhy()
    {
        var cut = Open();
        Press(cut, "Run");

        Started(cut).Publish(new QueryView(
            QueryState.Failed, null, 0, null, false, TimeSpan.FromMilliseconds(3), null, new QueryError(
                "column \"nam\" does not exist.", 2, 8, "Perhaps you meant \"name\".")));

        cut.WaitForAssertion(() => Assert.Equal(
            "column \"nam\" does not exist. Line 2, character 8. Perhaps you meant \"name\".",
            cut.Find(".problem").TextContent.Trim()), Patience);
        Assert.Equal("failed", cut.Find("[data-testid=query-state]").GetAttribute("data-state"));
    }

    [Fact]
    public void Run_Cancelled_CancelsOnTheServerAndCanRunAgain()
    {
        var cut = Open();
        Press(cut, "Run");
        var run = Started(cut);
        cut.WaitForElement("[data-testid=query-state][data-state=running]", Patience);

        Press(cut, "Cancel");

        cut.WaitForElement("[data-testid=query-state][data-state=cancelled]", Patience);
        Assert.Equal(1, run.Cancels);
        Press(cut, "Run");
        cut.WaitForAssertion(() => Assert.True(run.Disposed), Patience);
    }

    [Fact]
    public void Run_Refused_ShowsTheSentence()
    {
        Queries.Refusal = "One statement at a time: there are two.";
        var cut = Open();

        Press(cut, "Run");

        cut.WaitForAssertion(
            () => Assert.Contains("One statement at a time", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
        Press(cut, "Explain");
        cut.WaitForAssertion(
            () => Assert.Contains("One statement at a time", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Run_FailsInTheSecondStatement_NamesThePlaceInTheWholeText()
    {
        Type("select 1;\n\n  select nam", 20);
        var cut = Open();
        Press(cut, "Run");
        var run = Started(cut);
        Assert.Equal("select nam", run.Sql);

        run.Publish(new QueryView(QueryState.Failed, null, 0, null, false, TimeSpan.Zero, null, new QueryError("No nam.", 1, 8)));

        cut.WaitForAssertion(() => Assert.Equal("No nam. Line 3, character 10.", cut.Find(".problem").TextContent.Trim()), Patience);
    }

    [Fact]
    public async Task Error_WhenTheTextChanges_IsGone()
    {
        var cut = Open();
        Press(cut, "Run");
        Started(cut).Publish(new QueryView(
            QueryState.Failed, null, 0, null, false, TimeSpan.Zero, null, new QueryError("No such column.")));
        cut.WaitForElement(".problem", Patience);
        var tab = Told();

        // What is known already changes nothing.
        await cut.InvokeAsync(() => cut.FindComponent<SqlEditor>().Instance.ChangedAsync(tab, QueryTab.Example));
        Assert.NotEmpty(cut.FindAll(".problem"));
        await cut.InvokeAsync(() => cut.FindComponent<SqlEditor>().Instance.ChangedAsync(tab, "select 2"));

        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll(".problem, [data-testid=query-state]")), Patience);
        Assert.Contains("not saved", cut.Find(".tabs a").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_ShowsThePlanAndMeasuresItWhenAsked()
    {
        Queries.MeasuredPlan =
            ["Limit  (cost=0.00..9.00 rows=5 width=8) (actual time=0.1..8.0 rows=7 loops=1)", "  ->  Seq Scan on songplays  (cost=0.00..6.00 rows=5 width=8) (actual time=0.1..6.0 rows=7 loops=1)"];
        var cut = Open();

        Press(cut, "Explain");
        cut.WaitForAssertion(() =>
            Assert.Contains("Seq Scan on songplays", cut.Find(".plan").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("Filter: (level", cut.Find(".plan .notes").TextContent, StringComparison.Ordinal);
        Press(cut, "Run it and measure");

        cut.WaitForAssertion(() => Assert.Equal(
            ["7 rows", "2 ms", "7 rows", "6 ms"], cut.FindAll(".plan .figure").Select(f => f.TextContent)), Patience);
        Assert.Equal(["width:25%", "width:75%"], cut.FindAll(".plan .share i").Select(i => i.GetAttribute("style")));
        Assert.Empty(Queries.Started);
    }

    [Fact]
    public void Save_UnderAName_IsKeptAndATakenNameIsRefused()
    {
        var cut = Open();
        Save("plays");
        cut.WaitForAssertion(() => Assert.Equal("/query?warehouse=music&saved=1", Followed()), Patience);
        Assert.Equal("plays", cut.Find(".tabs a").TextContent.Trim());
        Press(cut, "Saved");
        Dialogs.WaitForAssertion(() => Assert.Equal(
            ("plays", "/query?warehouse=music&saved=1"), (Dialogs.Find(".kept b").TextContent, Dialogs.Find(".kept a").GetAttribute("href"))), Patience);

        On(cut, "[aria-label='New query']", b => b.Click());
        Save("plays");
        cut.WaitForAssertion(() => Assert.Contains("already", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
        On(Dialogs, "[aria-label='Delete plays']", b => b.Click());

        Dialogs.WaitForAssertion(() => Assert.Contains("No saved queries yet", Dialogs.Markup, StringComparison.Ordinal), Patience);

        void Save(string name)
        {
            Press(cut, "Save");
            On(Dialogs, "#naming input", i => i.Input(name));
            On(Dialogs, "#naming", f => f.Submit());
        }
    }

    [Fact]
    public async Task Address_OfASavedQuery_OpensItInATab()
    {
        var saved = await Queries.SaveAsync("plays", "select 7", Sparkify.Core.Common.Actor.System, default);
        var cut = Open($"/query?warehouse=music&saved={saved.Id}");

        Assert.Equal("plays", cut.Find(".tabs a[aria-current]").TextContent.Trim());
        Nav.NavigateTo("/query?warehouse=music&sql=select%208");

        cut.WaitForAssertion(() => Assert.Equal(["plays", "Query 1"], cut.FindAll(".tabs a").Select(a => a.TextContent.Trim())), Patience);
        Assert.Equal("Query 1", cut.Find(".tabs a[aria-current]").TextContent.Trim());
        Nav.NavigateTo("/query?warehouse=music&saved=99");
        cut.WaitForAssertion(() => Assert.Contains(
            "There is no saved query 99 of yours", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Tabs_OpenedAndClosed_AreTheBrowsersToKeep()
    {
        var cut = Open();
        On(cut, "[aria-label='New query']", b => b.Click());
        cut.WaitForAssertion(() => Assert.Equal(["Query 1", "Query 2"], Kept().Select(t => t.Name)), Patience);

        On(cut, "[aria-label='Close Query 2']", b => b.Click());

        cut.WaitForAssertion(() => Assert.Equal([("Query 1", QueryTab.Example)], Kept().Select(t => (t.Name, t.Sql))), Patience);
        Assert.Equal("Query 1", cut.Find(".tabs a[aria-current]").TextContent.Trim());
    }

    [Fact]
    public void Tabs_TheBrowserKept_AreThereAgain()
    {
        _editor.Setup<KeptTabs?>("kept").SetResult(new KeptTabs("b", [
            new KeptTab("a", "First", null, "", new Dictionary<string, string>(), "select 1"),
            new KeptTab("b", "Second", null, "select 2", new Dictionary<string, string> { ["x"] = "5" }, "select {{x}}"),
        ]));

        var cut = Open();

        Assert.Equal(["First, not saved", "Second, not saved"],
            cut.FindAll(".tabs a").Select(a => string.Join("", a.TextContent.Split('\n').Select(l => l.Trim()))));
        Assert.Equal("5", cut.Find(".bar .value input").GetAttribute("value"));
    }

    [Fact]
    public void Parameters_AreAskedForBoundAndInTheAddress()
    {
        Type("select {{from}}", 0);
        var cut = Open("/query?warehouse=music&sql=select%20%7B%7Bfrom%7D%7D");
        Assert.Equal("from", cut.Find(".bar .value label").TextContent.Trim());

        On(cut, ".bar .value input", i => i.Change("2018-11-01"));
        cut.WaitForAssertion(() => Assert.EndsWith("&p.from=2018-11-01", Followed(), StringComparison.Ordinal), Patience);
        Press(cut, "Run");

        var run = Started(cut);
        Assert.Equal("select {{from}}", run.Sql);
        Assert.Equal("2018-11-01", run.Values!["from"]);
        run.Publish(new QueryView(QueryState.Succeeded, Columns, 0, 0, false, TimeSpan.Zero, null, null));
        cut.WaitForAssertion(() => Assert.Equal(
            "/api/v1/warehouses/music/queries/1/csv?p.from=2018-11-01&csv=raw", cut.FindAll("a[download]")[1].GetAttribute("href")), Patience);
    }

    [Fact]
    public void Result_SortedAndDrawn_FollowsTheAddress()
    {
        var cut = Open("/query?warehouse=music&view=both");
        Press(cut, "Run");
        var run = Started(cut);
        run.All = [["1", "short"], ["3", "long"], ["2", null]];
        run.Publish(new QueryView(QueryState.Succeeded, Columns, 3, 0, false, TimeSpan.Zero, null, null));

        cut.WaitForElement(".drawn .bar", Patience);
        Assert.Equal(["short", "long", "null"], cut.FindAll(".drawn .bar bdi").Select(b => b.TextContent));
        Assert.Equal("3 bars of n; the greatest is long with 3.", cut.Find(".bars-of[role=img]").GetAttribute("aria-label"));
        On(cut, "th .sort", b => b.Click());
        cut.WaitForAssertion(() => Assert.Equal("descending", cut.Find("th[aria-sort]").GetAttribute("aria-sort")), Patience);
        cut.WaitForAssertion(() =>
            Assert.Equal(["3", "2", "1"], cut.FindAll(".grid tbody td.num.cell").Select(c => c.TextContent.Trim())), Patience);
        cut.WaitForAssertion(() =>
            Assert.Equal(["long", "null", "short"], cut.FindAll(".drawn .bar bdi").Select(b => b.TextContent)), Patience);

        Press(cut, "Chart");

        cut.WaitForAssertion(() => Assert.EndsWith("&view=chart", Followed(), StringComparison.Ordinal), Patience);
        Nav.NavigateTo(Followed());
        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll(".grid")), Patience);
    }

    [Fact]
    public void Tables_Searched_ShowWhatFitsAndWriteTheNameThatIsClicked()
    {
        var cut = Open();
        var column = Sample.Table("songplays", 1507).Columns[0].Name;

        On(cut, ".tables input", i => i.Input(column));
        On(cut, ".tables ul ul .name", b => b.Click());

        Assert.Equal(column, _editor.Invocations["insert"].Single().Arguments[0]);
        On(cut, ".tables input", i => i.Input("nothing like it"));
        cut.WaitForAssertion(() => Assert.Contains("Nothing is called that", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void Format_LaysOutWhatIsWritten()
    {
        Type("select 1 from t", 0);
        var cut = Open();

        Press(cut, "Format");

        cut.WaitForAssertion(() => Assert.Equal("select 1\nfrom t", _editor.Invocations["set"].Single().Arguments[0]), Patience);
    }

    [Fact]
    public void History_HoldsWhatWasRunAndOpensIt()
    {
        var cut = Open();
        Press(cut, "Run");
        Started(cut).Publish(new QueryView(QueryState.Succeeded, [], 0, 0, false, TimeSpan.Zero, null, null));
        Press(cut, "History");

        Dialogs.WaitForAssertion(
            () => Assert.Contains("select artist_name", Dialogs.Find(".past code").TextContent, StringComparison.Ordinal), Patience);
        On(cut, "[aria-label='Close Query 1']", b => b.Click());
        On(Dialogs, ".past", b => b.Click());

        cut.WaitForAssertion(() => Assert.Contains(Kept(), t => t.Sql == QueryTab.Example), Patience);
    }

    [Fact]
    public async Task Leave_WhileAQueryRuns_LetsItGo()
    {
        var cut = Open();
        Press(cut, "Run");
        var run = Started(cut);

        await DisposeComponentsAsync();

        Assert.True(run.Disposed);
        Assert.Equal(0, Warehouses.Subscribers);
    }

    private FakeQueryRun Started(IRenderedComponent<QueryPage> cut)
    {
        cut.WaitForAssertion(() => Assert.Single(Queries.Started), Patience);
        return Queries.Started.Single();
    }

    private NavigationManager Nav => Services.GetRequiredService<NavigationManager>();

    private string Told() => (string)_editor.Invocations["arrange"][^1].Arguments[1]!;

    private List<KeptTab> Kept() => [.. (IEnumerable<KeptTab>)_editor.Invocations["arrange"][^1].Arguments[0]!];

    // The editor is the browser's; here it answers with this.
    private void Type(string text, int at) => _editor.Setup<Written>("read").SetResult(new Written(text, at, at));

    // Where the browser was asked to be last.
    private string Followed() => (string)JSInterop.Invocations["sparkify.follow"][^1].Arguments[0]!;

    private IRenderedComponent<QueryPage> Open(string address = "/query?warehouse=music")
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("songplays", 1507));
        Nav.NavigateTo(address);
        var cut = Render<QueryPage>();
        cut.WaitForElement(".tabs a", Patience);
        return cut;
    }
}
