using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Chains;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

/// <summary>How a chain is confirmed, and how its way is shown.</summary>
public sealed class ChainPagesTests : PageTest
{
    [Fact]
    public void Dialog_OfALocalWarehouseThatIsNotUp_SaysItsParts_AndStartsThem()
    {
        var cut = Open(Sample.Warehouse(state: WarehouseState.Defined));
        Assert.Equal(["1 Provision", "2 Load"], Plan());
        Assert.Equal(
            "If a part fails or the chain is cancelled, the parts after it are left out and the warehouse stays up. " +
            "A load that needs a decision ends the chain as well: nothing is torn down before somebody has decided.",
            Words(Dialogs.Find("[data-testid=if-broken]")));

        Press(Dialogs, "Run all of it");

        cut.WaitForAssertion(
            () => Assert.EndsWith("/runs/41", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal), Patience);
        var (warehouse, chain) = Assert.Single(Chains.Started);
        Assert.Equal(("music", ChainEnd.Leave, ChainOpening.Provision), (warehouse, chain.End, chain.Opens));
        Assert.Empty(chain.Reports);
    }

    [Fact]
    public void Dialog_WithTeardown_WantsTheNameTyped_AndSaysWhatIsDestroyed()
    {
        Warehouses.HaveResources("music", new OwnedResource("database", "sparkify_music", Sample.Noon, null));
        Open(Sample.Warehouse(published: true));

        ChooseEnd("Tear it down");
        Dialogs.WaitForElement("#chain-name", Patience);
        Assert.Equal(["1 Load", "2 Tear down with proof that nothing is left"], Plan());
        Assert.Contains("stays up, because it was up before.", Words(Dialogs.Find("[data-testid=if-broken]")), StringComparison.Ordinal);
        Assert.Equal("sparkify_music", Dialogs.Find(".doomed code").TextContent);
        Assert.True(Go().HasAttribute("disabled"));
        On(Dialogs, "#chain-name", static e => e.Input("musi"));
        Assert.True(Go().HasAttribute("disabled"));

        On(Dialogs, "#chain-name", static e => e.Input("music"));
        Dialogs.WaitForAssertion(() => Assert.False(Go().HasAttribute("disabled")), Patience);
        Press(Dialogs, "Run all of it");

        Dialogs.WaitForAssertion(() => Assert.Single(Chains.Started), Patience);
        Assert.Equal((ChainEnd.Teardown, "music"), (Chains.Started.Single().Chain.End, Chains.Started.Single().Chain.Confirm));
    }

    [Fact]
    public void Dialog_OfAWarehouseThatIsNotUp_ListsWhatIsThereAlready()
    {
        Warehouses.HaveResources("music", new OwnedResource("database", "sparkify_music", Sample.Noon, null));
        Open(Sample.Warehouse(state: WarehouseState.Defined));

        ChooseEnd("Tear it down");

        Dialogs.WaitForElement("#chain-name", Patience);
        Assert.Equal("There already: databasesparkify_music", Words(Dialogs.FindAll(".doomed li")[1]));
    }

    [Fact]
    public void Dialog_OfAPausedCluster_SaysWhatItCosts_AndPausesItAgain()
    {
        Open(Sample.Warehouse(state: WarehouseState.Paused) with { Target = WarehouseTarget.Redshift, Redshift = new RedshiftSettings() });

        Dialogs.WaitForAssertion(() => Assert.Contains("it costs $", Plan()[0], StringComparison.Ordinal), Patience);
        Assert.Equal(["2 Load", "3 Pause only its storage costs on"], Plan()[1..]);
        Assert.Contains("is paused again; nothing is torn down.", Words(Dialogs.Find("[data-testid=if-broken]")), StringComparison.Ordinal);

        ChooseEnd("Tear it down");
        Dialogs.WaitForElement("#chain-name", Patience);
        // What it did not provision is not torn down by a failure.
        Assert.Contains("is paused again; nothing is torn down.", Words(Dialogs.Find("[data-testid=if-broken]")), StringComparison.Ordinal);
    }

    [Fact]
    public void Dialog_ForAnOperator_OffersWhatTheyMay()
    {
        Who.Actor = new Actor("oona") { Grants = new([new Grant(Role.Operator)]) };
        Open(Sample.Warehouse(published: true));
        Assert.False(Go().HasAttribute("disabled"));

        ChooseEnd("Tear it down");

        On(Dialogs, "#chain-name", static e => e.Input("music"));
        Assert.True(Go().HasAttribute("disabled"));
        Assert.Contains("you need the role engineer", Go().GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public void Trail_FollowsItsChain_AndCancelsIt()
    {
        var running = FakeChains.At(
            3, ChainState.Running, new ChainPart(RunKind.Provision, PartState.Succeeded, 7),
            new ChainPart(RunKind.Load, PartState.Running, 8), new ChainPart(RunKind.Teardown, PartState.Pending));
        Chains.Have(running with { End = ChainEnd.Teardown });
        var cut = Render<ChainTrail>(p => p.Add(t => t.Warehouse, "music").Add(t => t.Id, 3).Add(t => t.Here, 8));

        Assert.Equal(
            ["Provision #7 Succeeded", "Load #8 Running", "Tear down Pending"], cut.FindAll(".trail li").Select(Words));
        Assert.Equal("/runs/7", Assert.Single(cut.FindAll(".trail a")).GetAttribute("href"));
        Press(cut, "Cancel the chain");
        Dialogs.WaitForAssertion(
            () => Assert.Contains("the warehouse is torn down.", Dialogs.Markup, StringComparison.Ordinal), Patience);
        Press(Dialogs, "Cancel the chain");
        cut.WaitForAssertion(() => Assert.Equal("Cancelling", Words(cut.Find("[data-testid=chain-state]"))), Patience);
        Assert.Equal(3, Assert.Single(Chains.Cancelled));

        Chains.Have(FakeChains.At(3, ChainState.Cancelled, new ChainPart(RunKind.Load, PartState.Cancelled, 8)));
        cut.WaitForAssertion(() => Assert.Equal("So it went.", Words(cut.Find(".said"))), Patience);
        Assert.Equal("Cancelled", Words(cut.Find("[data-testid=chain-state]")));
    }

    [Fact]
    public void Run_ThatSavedReports_ListsItsFiles()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Runs.Have(Sample.Run(7, RunState.Succeeded, RunKind.Export, steps: [Sample.Step("save-top-songs", StepState.Succeeded)]));
        Chains.Files = [new SavedReport("top-songs", "Top songs", "music-top-songs.csv", 815, Sample.Noon)];

        var cut = Render<RunScreen>(p => p.Add(s => s.Id, 7));

        cut.WaitForAssertion(
            () => Assert.Equal("/api/v1/runs/7/files/top-songs", cut.Find("[data-testid=saved-reports] a").GetAttribute("href")), Patience);
        Assert.Contains("1 report as CSV", Words(cut.Find("[data-testid=run-outcome]")), StringComparison.Ordinal);
    }

    private IRenderedComponent<ChainButton> Open(Warehouse warehouse)
    {
        Warehouses.Have(warehouse);
        var cut = Render<ChainButton>(p => p.Add(b => b.Warehouse, warehouse));
        Press(cut, "Run all of it…");
        Dialogs.WaitForElement("[data-testid=if-broken]", Patience);
        return cut;
    }

    private List<string> Plan() => [.. Dialogs.FindAll(".plan li").Select(Words)];

    private AngleSharp.Dom.IElement Go() => Dialogs.FindAll("button").Single(static b => b.TextContent.Trim() == "Run all of it");

    private void ChooseEnd(string words)
    {
        // The last of the lists to choose from.
        On(Dialogs, ".mud-select .mud-input-control", static e => e.MouseDown(), at: 1);
        On(Popovers, ".mud-list-item", static e => e.Click(), words);
    }
}
