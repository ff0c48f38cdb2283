using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Overview;

namespace Sparkify.Tests.Web;

public sealed class OverviewPageTests : PageTest
{
    [Fact]
    public void Overview_NoWarehouses_OffersTheFirstOneAndTheSample()
    {
        Runs.OnStart = (name, kind, _) => Sample.Run(id: 1, state: RunState.Queued, kind: kind, warehouse: name);
        var cut = Render<OverviewPage>();

        Assert.Contains(cut.FindAll("a"), a => a.TextContent.Contains("Create your first warehouse", StringComparison.Ordinal));
        cut.FindAll("button").Single(b => b.TextContent.Contains("Load the sample", StringComparison.Ordinal)).Click();

        cut.WaitForAssertion(() => Assert.Single(Runs.Started), Patience);
        Assert.Equal(("sample", RunKind.Provision, RunKind.Load, Actor.LocalAdministrator), Runs.Started.Single());
        Assert.IsType<SampleSource>(Warehouses.Created.Single().Source);
    }

    [Fact]
    public void Overview_Opened_ShowsCountsAndTheNextAction()
    {
        Warehouses.Have(Sample.Warehouse(published: true));
        Tables.Have(
            "music", null, Sample.Table("songplays", 1507, TableRole.Fact), Sample.Table("users", 74), Sample.Table("artists", null));

        var cut = Render<OverviewPage>();

        cut.WaitForAssertion(() => Assert.Equal("1,507", cut.Find("[data-testid=rows-songplays]").TextContent), Patience);
        Assert.Equal("—", cut.Find("[data-testid=rows-artists]").TextContent);
        Assert.Contains("Load again", cut.Find("article footer").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Overview_RunProgresses_ShowsItLive()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<OverviewPage>();

        Runs.Publish(Sample.Run(steps: [Sample.Step("stage-events", StepState.Running, rows: 4_200, share: 0.42)]));

        cut.WaitForAssertion(() => Assert.Contains("4,200 rows", cut.Find("article").TextContent, StringComparison.Ordinal), Patience);
        Assert.Contains("42 %", cut.Find("article").TextContent, StringComparison.Ordinal);
        Assert.Equal("/runs/7", cut.Find("article footer a").GetAttribute("href"));
    }

    [Fact]
    public void Overview_WarehouseAppears_IsShownWithoutAReload()
    {
        Warehouses.Have(Sample.Warehouse());
        var cut = Render<OverviewPage>();

        Warehouses.Publish(Sample.Warehouse("second", WarehouseState.Defined));

        cut.WaitForElement("[data-testid=warehouse-second]", Patience);
    }

    [Fact]
    public void Overview_StreamBreaks_ShowsTheError()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.BreakNextStream(new InvalidOperationException("The feed is gone"));

        var cut = Render<ErrorBoundary>(p => p
            .AddChildContent<OverviewPage>()
            .Add(b => b.ErrorContent, ex => builder => builder.AddContent(0, ex.Message)));

        cut.WaitForAssertion(() => Assert.Contains("The feed is gone", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task Overview_Disposed_LeavesNoSubscriber()
    {
        Warehouses.Have(Sample.Warehouse());
        Render<OverviewPage>();
        Assert.True(Runs.Subscribers + Warehouses.Subscribers >= 2);

        await DisposeComponentsAsync();

        Assert.Equal(0, Runs.Subscribers + Warehouses.Subscribers);
    }

    [Fact]
    public void Overview_StartRefused_ShowsTheSentenceAndTheRunInTheWay()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.OnStart = (_, _, _) => throw SparkifyException.Conflict("Run 9 is at work on music. Wait for it or cancel it.", activeRun: 9);
        var cut = Render<OverviewPage>();

        cut.Find("article footer button").Click();

        cut.WaitForAssertion(
            () => Assert.Contains("Wait for it or cancel it.", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal("/runs/9", cut.Find("[role=alert] a").GetAttribute("href"));
        Assert.DoesNotContain("/runs/", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Overview_StartBreaks_ShowsAGenericSentenceAndNoDetails()
    {
        Warehouses.Have(Sample.Warehouse());
        Runs.OnStart = (_, _, _) => throw new InvalidOperationException("Host=secret;Password=hunter2");
        var cut = Render<OverviewPage>();

        cut.Find("article footer button").Click();

        cut.WaitForElement("[role=alert]", Patience);
        Assert.DoesNotContain("hunter2", cut.Markup, StringComparison.Ordinal);
    }
}
