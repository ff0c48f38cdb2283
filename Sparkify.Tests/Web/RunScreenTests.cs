using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

public sealed class RunScreenTests : PageTest
{
    [Fact]
    public void RunScreen_Opened_ShowsTheSnapshot()
    {
        Runs.Have(Sample.Run(steps: [Sample.Step("scan", StepState.Succeeded, rows: 12_345), Sample.Step("publish")]));
        Runs.Write(Sample.Line(7, 1, "Thirty files found"));

        var cut = Open();

        Assert.Equal("Running", cut.Find("[data-testid=run-state]").TextContent.Trim());
        Assert.Contains("12,345", cut.Find("[data-testid=step-scan]").TextContent, StringComparison.Ordinal);
        Assert.Contains("1 m 12 s", cut.Find("[data-testid=step-scan]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Thirty files found", cut.Find("log-tail").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void RunScreen_RunChanges_ShowsTheChange()
    {
        var run = Runs.Have(Sample.Run());
        var cut = Open();

        Runs.Publish(run with { State = RunState.Succeeded, FinishedAt = Sample.Noon.AddSeconds(9), Revision = 2 });
        Runs.Write(Sample.Line(7, 1, "All done"));

        cut.WaitForAssertion(() => Assert.Equal("Succeeded", cut.Find("[data-testid=run-state]").TextContent.Trim()), Patience);
        cut.WaitForAssertion(() => Assert.Contains("All done", cut.Find("log-tail").TextContent, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void RunScreen_OlderSnapshotArrivesLate_IsIgnored()
    {
        var run = Runs.Have(Sample.Run(state: RunState.Succeeded, revision: 9));
        var cut = Open();

        Runs.Publish(run with { State = RunState.Running, Revision = 3 });
        Runs.Publish(run with { State = RunState.Succeeded, Error = null, Revision = 10, Actor = "someone else" });

        cut.WaitForAssertion(() => Assert.Contains("someone else", cut.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal("Succeeded", cut.Find("[data-testid=run-state]").TextContent.Trim());
    }

    [Fact]
    public void RunScreen_StreamBreaks_ShowsTheErrorInsteadOfStandingStill()
    {
        Runs.Have(Sample.Run());
        Runs.BreakNextStream(new InvalidOperationException("The feed is gone"));

        var cut = Render<ErrorBoundary>(p => p
            .Add(b => b.ChildContent, builder =>
            {
                builder.OpenComponent<RunScreen>(0);
                builder.AddAttribute(1, nameof(RunScreen.Id), 7L);
                builder.CloseComponent();
            })
            .Add(b => b.ErrorContent, ex => builder => builder.AddContent(0, "Stopped: " + ex.Message)));

        cut.WaitForAssertion(() => Assert.Contains("Stopped: The feed is gone", cut.Markup, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public async Task RunScreen_Disposed_LeavesNoSubscriber()
    {
        Runs.Have(Sample.Run());
        var cut = Open();
        cut.WaitForAssertion(() => Assert.True(Runs.Subscribers >= 2), Patience);

        await DisposeComponentsAsync();

        Assert.Equal(0, Runs.Subscribers);
    }

    [Fact]
    public void RunScreen_NumbersUnknown_ShowsDashesAndNoZero()
    {
        Runs.Have(Sample.Run(state: RunState.Queued, steps: [Sample.Step("stage-events")]));

        var cut = Open();

        Assert.Equal("—", cut.Find("[data-testid=total-rows]").TextContent.Trim());
        Assert.Equal("—", cut.Find("[data-testid=total-rejects]").TextContent.Trim());
        Assert.All(cut.FindAll("[data-testid=step-stage-events] td.num"), cell => Assert.Equal("—", cell.TextContent.Trim()));
    }

    [Fact]
    public void RunScreen_Failed_ShowsTheSentenceAndOpensTheLogAtTheStep()
    {
        Runs.Have(Sample.Run(
            state: RunState.Failed, steps: [Sample.Step("scan", StepState.Succeeded), Sample.Step("stage-events", StepState.Failed)]));
        Runs.Write(Sample.Line(7, 1, "Scan is fine", "scan"), Sample.Line(7, 2, "No space left", "stage-events", RunLogLevel.Error));

        var cut = Open();

        Assert.Contains("Free some space and retry.", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("No space left", cut.Find("log-tail").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Scan is fine", cut.Find("log-tail").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void RunScreen_Retry_SaysFromWhichStepAndShowsTheRunQueued()
    {
        var run = Runs.Have(
            Sample.Run(state: RunState.Failed, steps: [Sample.Step("scan", StepState.Succeeded), Sample.Step("users", StepState.Failed)]));
        Runs.OnRetry = _ => run with { State = RunState.Queued, Error = null, Revision = 2 };
        var cut = Open();

        cut.FindAll("button").Single(b => b.TextContent.Contains("Retry from “Title of users”", StringComparison.Ordinal)).Click();

        cut.WaitForAssertion(() => Assert.Equal("Queued", cut.Find("[data-testid=run-state]").TextContent.Trim()), Patience);
        Assert.Equal([7L], Runs.Retried);
    }

    [Fact]
    public void RunScreen_SucceededWithRejects_SaysSoAndLinksToThem()
    {
        Runs.Have(Sample.Run(state: RunState.Succeeded, steps: [Sample.Step("stage-events", StepState.Succeeded, rows: 10, rejects: 3)]));

        var cut = Open();

        Assert.Equal("Succeeded with 3 rejects", cut.Find("[data-testid=run-state]").TextContent.Trim());
        Assert.Equal("/warehouses/music/rejects?run=7", cut.Find("[data-testid=total-rejects] a").GetAttribute("href"));
    }

    [Fact]
    public void RunScreen_NextRunBegins_MovesOnWhenAskedTo()
    {
        Runs.Have(Sample.Run(state: RunState.Succeeded, kind: RunKind.Provision));
        var cut = Render<RunScreen>(p => p.Add(s => s.Id, 7).Add(s => s.GoOn, true));

        Runs.Publish(Sample.Run(id: 8, state: RunState.Queued));

        var nav = Services.GetRequiredService<NavigationManager>();
        cut.WaitForAssertion(() => Assert.EndsWith("/runs/8", nav.Uri, StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void RunScreen_HostileLog_IsText()
    {
        Runs.Have(Sample.Run());
        Runs.Write(Sample.Line(7, 1, "<img src=x onerror=alert(1)>"));

        var cut = Open();

        Assert.Empty(cut.FindAll("log-tail img"));
        Assert.Contains("<img src=x", cut.Find("log-tail").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void RunScreen_UnknownRun_SaysWhereToLook()
    {
        var cut = Open();

        Assert.Contains("There is no run 7", cut.Find("h1").TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<RunScreen> Open() => Render<RunScreen>(p => p.Add(s => s.Id, 7));
}
