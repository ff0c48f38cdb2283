using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

public sealed class RunsPageTests : PageTest
{
    public RunsPageTests()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.Have(Sample.Run(1, RunState.Succeeded, steps: [Sample.Step("stage-events", StepState.Succeeded, rejects: 2)]));
        Runs.Have(Sample.Run(2, RunState.Failed));
        Runs.Have(Sample.Run(3, RunState.Succeeded, warehouse: "other"));
    }

    [Fact]
    public void Runs_Opened_ListsThemNewestFirstWithTheirStatesCounted()
    {
        var cut = Open("/runs");

        Assert.Equal(["/runs/3", "/runs/2", "/runs/1"], Listed(cut));
        Assert.Equal(["All 3", "Succeeded 2", "Failed 1", "With rejects 1"], cut.FindAll(".choice").Select(Words));
    }

    [Theory]
    [InlineData("/runs?state=failed", "/runs/2")]
    [InlineData("/runs?rejects=true", "/runs/1")]
    [InlineData("/runs?text=OTHER", "/runs/3")]
    [InlineData("/runs?warehouse=other", "/runs/3")]
    public void Runs_FilterInTheAddress_NarrowsTheList(string address, string run) => Assert.Equal([run], Listed(Open(address)));

    [Fact]
    public void Runs_TextTyped_GoesIntoTheAddress()
    {
        var cut = Open("/runs?page=2");

        On(cut, ".field-text input, input.field-text, .finder input", static e => e.Input("disk"));

        cut.WaitForAssertion(
            () => Assert.Equal("/runs?text=disk", Assert.Single(JSInterop.Invocations["sparkify.follow"]).Arguments[0]), Patience);
    }

    [Fact]
    public void Runs_OneStartsWhileThePageIsOpen_IsListedAndCounted()
    {
        var cut = Open("/runs");

        Runs.Publish(Sample.Run(4));

        cut.WaitForAssertion(() => Assert.Equal("/runs/4", Listed(cut)[0]), Patience);
        Assert.Contains("Running 1", cut.FindAll(".choice").Select(Words));
    }

    [Fact]
    public void Runs_StartedFromHere_ShowsTheRun()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 9, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Open("/runs");

        Press(cut, "Start a run");
        On(Popovers, ".mud-menu-item", static i => i.Click(), "Load music");

        var nav = Services.GetRequiredService<NavigationManager>();
        cut.WaitForAssertion(() => Assert.EndsWith("/runs/9", nav.Uri, StringComparison.Ordinal), Patience);
        Assert.Equal(("music", RunKind.Load), (Runs.Started.Single().Warehouse, Runs.Started.Single().Kind));
    }

    [Fact]
    public void Compare_TwoLoads_ShowsFiguresRowsAndTimes()
    {
        Tables.Have("music", null, Sample.Table("users", 12));
        Runs.Have(Sample.Run(5, RunState.Succeeded, steps: [Sample.Step("users", StepState.Succeeded, rows: 10)]));
        Runs.Have(Sample.Run(6, RunState.Succeeded, steps: [Sample.Step("users", StepState.Succeeded, rows: 12)]));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/runs/compare?a=5&b=6");

        var cut = Render<ComparePage>();
        cut.WaitForElement("tbody tr", Patience);
        var rows = cut.FindAll("tbody tr")
            .Select(r => string.Join(' ', r.Children.Select(c => c.TextContent.Trim()).Where(t => t.Length > 0))).ToList();

        Assert.Contains("users 10 12 +2", rows);
        Assert.Contains("Title of users 1 m 12 s 1 m 12 s", rows);
        Assert.Contains("Took 1 m 12 s 1 m 12 s", rows);
    }

    [Fact]
    public void Compare_RunsOfTwoKinds_SaysThatTheyHaveNothingInCommon()
    {
        Runs.Have(Sample.Run(5, RunState.Succeeded, kind: RunKind.Provision));
        Services.GetRequiredService<NavigationManager>().NavigateTo("/runs/compare?a=5&b=1");

        Assert.Contains("These runs do different things", Render<ComparePage>().Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<RunsPage> Open(string address)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(address);
        var cut = Render<RunsPage>();
        cut.WaitForAssertion(() => Assert.NotEmpty(cut.FindAll(".mud-table-row, .empty")), Patience);
        return cut;
    }

    private static List<string?> Listed(IRenderedComponent<RunsPage> cut) =>
        [.. cut.FindAll("tbody .mud-table-row a[href^='/runs/']").Select(a => a.GetAttribute("href"))];
}
