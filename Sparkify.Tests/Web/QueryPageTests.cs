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
        Assert.Equal(SqlEditor.Example, run.Sql);
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
    public void Explain_ShowsThePlan()
    {
        var cut = Open();

        Press(cut, "Explain");

        cut.WaitForAssertion(() => Assert.StartsWith("Seq Scan for", cut.Find("pre.plan").TextContent, StringComparison.Ordinal), Patience);
        Assert.Empty(Queries.Started);
    }

    [Fact]
    public void Save_UnderAName_IsKeptAndATakenNameIsRefused()
    {
        var cut = Open();
        Save("plays");
        Press(cut, "Saved");
        cut.WaitForAssertion(() => Assert.Equal("plays", cut.Find(".kept b").TextContent), Patience);

        Save("plays");
        cut.WaitForAssertion(() => Assert.Contains("already", cut.Find(".problem").TextContent, StringComparison.Ordinal), Patience);
        On(cut, "[aria-label='Delete plays']", b => b.Click());

        cut.WaitForAssertion(() => Assert.Contains("No saved queries yet", cut.Markup, StringComparison.Ordinal), Patience);

        void Save(string name)
        {
            if (cut.FindAll(".naming").Count == 0)
            {
                Press(cut, "Save");
            }

            On(cut, ".naming input", i => i.Input(name));
            On(cut, ".naming", f => f.Submit());
        }
    }

    [Fact]
    public void History_HoldsWhatWasRun()
    {
        var cut = Open();
        Press(cut, "Run");
        Started(cut).Publish(new QueryView(QueryState.Succeeded, [], 0, 0, false, TimeSpan.Zero, null, null));
        Press(cut, "History");

        cut.WaitForAssertion(
            () => Assert.Contains("select artist_name", cut.Find(".past code").TextContent, StringComparison.Ordinal), Patience);
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

    private IRenderedComponent<QueryPage> Open()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("songplays", 1507));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/query?warehouse=music");
        // The editor is the browser's; here it answers with what it began with.
        JSInterop.SetupModule("./sql-editor.js").SetupModule("create", _ => true).Setup<string>("text").SetResult(SqlEditor.Example);
        var cut = Render<QueryPage>();
        cut.WaitForElement(".sql-editor", Patience);
        return cut;
    }
}
