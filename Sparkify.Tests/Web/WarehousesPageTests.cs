using Bunit;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Warehouses;

namespace Sparkify.Tests.Web;

public sealed class WarehousesPageTests : PageTest
{
    [Fact]
    public void Warehouses_Opened_ShowsStateLoadsPlaysAndTheNextAction()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Runs.Have(Sample.Run(1, RunState.Succeeded, steps: [Sample.Step("songplays", StepState.Succeeded, rows: 1507, rejects: 3)]));
        Runs.Have(Sample.Run(2, RunState.Cancelled));

        var row = Render<WarehousesPage>().Find("[data-testid=warehouse-music]");

        Assert.Contains("Available", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("1,507", row.QuerySelector("[data-testid=plays]")!.TextContent);
        Assert.Equal(["/runs/1", "/runs/2"], row.QuerySelectorAll(".strip a").Select(a => a.GetAttribute("href")));
        Assert.Contains(row.QuerySelectorAll("a"), a => a.GetAttribute("href") == "/warehouses/music/rejects?run=1" && a.TextContent == "3");
        Assert.Equal("Retry the load", row.QuerySelector("button")!.TextContent.Trim());
    }

    [Fact]
    public void Warehouses_RunProgressesAndAnotherAppears_WithoutAReload()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<WarehousesPage>();

        Runs.Publish(Sample.Run(steps: [Sample.Step("stage-events", StepState.Running, rows: 4_200, share: 0.42)]));
        Warehouses.Publish(Sample.Warehouse("second", WarehouseState.Defined));

        cut.WaitForElement("[data-testid=warehouse-second]", Patience);
        cut.WaitForAssertion(
            () => Assert.Contains("Title of stage-events, 42 %", cut.Find("[data-testid=warehouse-music]").TextContent, StringComparison.Ordinal),
            Patience);
        Assert.Contains("nothing of it exists yet", cut.Find("[data-testid=warehouse-second]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Warehouses_None_SaysWhatTheWizardDoes()
    {
        var cut = Render<WarehousesPage>();

        Assert.Contains("No warehouses yet", cut.Find(".empty").TextContent, StringComparison.Ordinal);
        Assert.Contains(cut.FindAll("a"), a => a.GetAttribute("href") == "/warehouses/new");
    }
}
