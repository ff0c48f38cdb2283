using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Components.Layout;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

/// <summary>What the shell shows on every page: what is at work, and the way to everything by its name.</summary>
public sealed class LayoutTests : PageTest
{
    [Fact]
    public void RunningNow_RunBeginsAndEnds_IsShownAndTheBrowserIsTold()
    {
        var cut = Render<RunningNow>();
        Assert.Empty(cut.FindAll("[data-testid=running-now]"));

        Runs.Publish(Sample.Run(7));
        cut.WaitForAssertion(
            () => Assert.Equal("/runs/7", cut.Find("[data-testid=running-now]").GetAttribute("href")), Patience);
        Assert.Equal("1 running: loading music", cut.Find("[data-testid=running-now]").GetAttribute("aria-label"));
        Runs.Publish(Sample.Run(8, warehouse: "other"));
        cut.WaitForAssertion(
            () => Assert.Equal("/runs?state=running", cut.Find("[data-testid=running-now]").GetAttribute("href")), Patience);

        Runs.Publish(Sample.Run(8, RunState.Succeeded, warehouse: "other", revision: 2));
        Runs.Publish(Sample.Run(7, RunState.Failed, revision: 2));

        cut.WaitForAssertion(() => Assert.Empty(cut.FindAll("[data-testid=running-now]")), Patience);
        cut.WaitForAssertion(
            () => Assert.Equal(
                [("Load music: failed", "/runs/7"), ("Load other: succeeded", "/runs/8")],
                JSInterop.Invocations["sparkify.ended"].Select(i => ((string)i.Arguments[0]!, (string)i.Arguments[1]!)).Order()),
            Patience);
    }

    [Fact]
    public void RunningNow_RunFailsAtOnceOrAsks_TheBrowserIsTold()
    {
        var cut = Render<RunningNow>();
        // Both within one batch: nobody saw it at work.
        Runs.Publish(Sample.Run(7));
        Runs.Publish(Sample.Run(7, RunState.Failed, revision: 2));
        Runs.Publish(Sample.Run(8, warehouse: "other"));
        Runs.Publish(Sample.Run(8, RunState.NeedsDecision, warehouse: "other", revision: 2));

        cut.WaitForAssertion(
            () => Assert.Equal(
                ["Load music: failed", "Load other: needs a decision"],
                JSInterop.Invocations["sparkify.ended"].Select(static i => (string)i.Arguments[0]!).Order(StringComparer.Ordinal)),
            Patience);
    }

    [Fact]
    public void RunningNow_RunGoesOn_IsNotRenderedAgain()
    {
        var run = Runs.Have(Sample.Run(7));
        var page = Render<RunScreen>(p => p.Add(s => s.Id, 7));
        var cut = Render<RunningNow>();
        Runs.Publish(Sample.Run(8, warehouse: "other"));
        cut.WaitForAssertion(
            () => Assert.Equal("/runs?state=running", cut.Find("[data-testid=running-now]").GetAttribute("href")), Patience);
        var before = cut.RenderCount;

        // Once the page shows a change, what follows the same feed has had it, too, but perhaps for the last one.
        for (var revision = 2; revision < 6; revision++)
        {
            Runs.Publish(run with { Actor = $"somebody {revision}", Revision = revision });
            page.WaitForAssertion(() => Assert.Contains($"somebody {revision}", page.Markup, StringComparison.Ordinal), Patience);
        }

        Assert.Equal(before, cut.RenderCount);
    }

    [Fact]
    public async Task Palette_Opened_OffersWarehousesCommandsRunsAndPages()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Runs.Have(Sample.Run(7, RunState.Succeeded));

        var cut = await OpenAsync();

        Assert.Equal(["Warehouses", "Do", "Runs", "Go to"], cut.FindAll("[role=group]").Select(g => g.GetAttribute("aria-label")));
        Assert.Contains(cut.FindAll("[role=option]"), o => o.TextContent.Contains("Load #7, music", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Palette_WordsTyped_AllHaveToFit()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("songplays", 5));
        Reports.Have([.. ReportCatalog.All.Select(r => r.Info)]);
        var cut = await OpenAsync();

        On(cut, "input", static e => e.Input("songs top"));
        cut.WaitForAssertion(() => Assert.Equal(["Top songs"], Found(cut)), Patience);

        On(cut, "input", static e => e.Input("songplays"));
        cut.WaitForAssertion(() => Assert.Equal(["songplays", "songplays.id"], Found(cut)), Patience);

        On(cut, "input", static e => e.Input("no such thing"));
        cut.WaitForAssertion(() => Assert.Contains("Nothing is called so.", cut.Markup, StringComparison.Ordinal), Patience);
    }

    // What was cancelled may have been answered already: its answer, coming last, is not the answer to what stands in the field.
    [Fact]
    public async Task Palette_AnswerToFewerLettersComesLast_IsNotTaken()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have("music", null, Sample.Table("songplays", 5));
        Reports.Have([.. ReportCatalog.All.Select(r => r.Info)]);
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());
        Tables.Waits.Enqueue(first.Task);
        Tables.Waits.Enqueue(second.Task);
        var cut = await OpenAsync();

        var older = cut.Find("input").InputAsync("top s");
        var newer = cut.Find("input").InputAsync("top son");
        second.SetResult();
        await newer;
        cut.WaitForAssertion(() => Assert.Equal(["Top songs"], Found(cut)), Patience);

        first.SetResult();
        await older;
        Assert.Equal(["Top songs"], Found(cut));
    }

    [Fact]
    public async Task Palette_NumberOfAnOldRun_IsFound()
    {
        for (var id = 1; id <= 150; id++)
        {
            Runs.Have(Sample.Run(id, RunState.Succeeded));
        }

        var cut = await OpenAsync();
        On(cut, "input", static e => e.Input("#3"));

        cut.WaitForAssertion(() => Assert.Equal("Load #3, music", Found(cut)[0]), Patience);
    }

    [Fact]
    public async Task Palette_CommandChosenByKeyboard_IsDone_AndARefusalIsSaid()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.OnStart = static (_, _, _) => throw SparkifyException.Conflict("Run 9 is at work on music.");
        var cut = await OpenAsync();
        On(cut, "input", static e => e.Input("load music"));
        cut.WaitForAssertion(() => Assert.Equal("Load music now", Found(cut)[0]), Patience);

        On(cut, "[role=dialog]", static e => e.KeyDown("Enter"));
        cut.WaitForAssertion(
            () => Assert.Contains("Run 9 is at work", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);

        Runs.OnStart = static (name, kind, _) => Sample.Run(10, RunState.Queued, kind, name);
        On(cut, "[role=dialog]", static e => e.KeyDown("Enter"));
        var nav = Services.GetRequiredService<NavigationManager>();
        cut.WaitForAssertion(() => Assert.EndsWith("/runs/10", nav.Uri, StringComparison.Ordinal), Patience);
        Assert.Empty(cut.FindAll("[role=dialog]"));
    }

    [Fact]
    public async Task Palette_ArrowsMoveAndEscapeCloses()
    {
        Warehouses.Have(Sample.Warehouse("a"));
        Warehouses.Have(Sample.Warehouse("b"));
        var cut = await OpenAsync();
        var chosen = () => cut.FindAll("[role=option][aria-selected=true] .clip").Single().TextContent;

        On(cut, "[role=dialog]", static e => e.KeyDown("ArrowDown"));
        Assert.Equal("b", chosen());
        On(cut, "[role=dialog]", static e => e.KeyDown("ArrowUp"));
        Assert.Equal("a", chosen());
        On(cut, "[role=dialog]", static e => e.KeyDown("Enter"));

        Assert.EndsWith("/warehouses/a", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Empty(cut.FindAll("[role=dialog]"));
    }

    private async Task<IRenderedComponent<Palette>> OpenAsync()
    {
        var cut = Render<Palette>();
        await cut.InvokeAsync(cut.Instance.OpenAsync);
        cut.WaitForElement("[role=dialog]", Patience);
        return cut;
    }

    private static List<string> Found(IRenderedComponent<Palette> cut) =>
        [.. cut.FindAll("[role=option] .clip").Select(o => o.TextContent)];
}
