using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Star;
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
    public void RunScreen_StepCounts_LeavesTheLogAsItIs()
    {
        var run = Runs.Have(Sample.Run(steps: [Sample.Step("stage-events", StepState.Running)]));
        Runs.Write(Sample.Line(7, 1, "Thirty files found"));
        var cut = Open();
        var log = cut.FindComponent<LogPane>();
        log.WaitForAssertion(() => Assert.Contains("Thirty files found", log.Markup, StringComparison.Ordinal), Patience);
        var before = log.RenderCount;

        Runs.Publish(run with { Steps = [Sample.Step("stage-events", StepState.Running, rows: 4_321)], Revision = 2 });

        cut.WaitForAssertion(
            () => Assert.Contains("4,321", cut.Find("[data-testid=step-stage-events]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal(before, log.RenderCount);
    }

    [Fact]
    public void RunScreen_StepsEnd_ReadsChecksOnlyWhenTheyWereMade()
    {
        Warehouses.Have(Sample.Warehouse());
        Tables.Have("music", null);
        var run = Runs.Have(Sample.Run(steps: [Sample.Step("scan"), Sample.Step(CheckResult.Step)]));
        var cut = Open();
        var before = Tables.ChecksRead;

        Runs.Publish(run with
        {
            Steps = [Sample.Step("scan", StepState.Succeeded, rows: 4_321), Sample.Step(CheckResult.Step)],
            Revision = 2,
        });
        cut.WaitForAssertion(
            () => Assert.Contains("4,321", cut.Find("[data-testid=step-scan]").TextContent, StringComparison.Ordinal), Patience);
        Assert.Equal(before, Tables.ChecksRead);

        Runs.Publish(run with
        {
            Steps = [Sample.Step("scan", StepState.Succeeded, rows: 4_321), Sample.Step(CheckResult.Step, StepState.Succeeded)],
            Revision = 3,
        });
        cut.WaitForAssertion(() => Assert.Equal(before + 1, Tables.ChecksRead), Patience);
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
    public void RunScreen_NumbersUnknown_ShowsNothingAndNoZero()
    {
        Runs.Have(Sample.Run(state: RunState.Queued, steps: [Sample.Step("stage-events")]));

        var cut = Open();

        Assert.All(cut.FindAll("[data-testid=total-rows], [data-testid=total-rejects]"), figure => Assert.Equal("", figure.TextContent.Trim()));
        Assert.All(cut.FindAll("[data-testid=step-stage-events] [role=cell].r"), cell => Assert.Equal("", cell.TextContent.Trim()));
    }

    [Fact]
    public void RunScreen_Failed_ShowsTheSentenceAndOpensTheLogAtTheStep()
    {
        Runs.Have(Sample.Run(
            state: RunState.Failed, steps: [Sample.Step("scan", StepState.Succeeded), Sample.Step("stage-events", StepState.Failed)]));
        Runs.Write(Sample.Line(7, 1, "Scan is fine", "scan"), Sample.Line(7, 2, "No space left", "stage-events", RunLogLevel.Error));

        var cut = Open();

        Assert.Contains("“Title of stage-events” failed", cut.Find("[role=alert] h2").TextContent, StringComparison.Ordinal);
        Assert.Contains("Free some space and retry.", cut.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Single(cut.FindAll("p"), p => p.TextContent.Contains("Free some space and retry.", StringComparison.Ordinal));
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

        Press(cut, "Retry from “Title of users”");

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
    public void RunScreen_AtWork_ShowsTheWholeAndWhatIsLeftByTheRunBefore()
    {
        Runs.Have(Sample.Run(id: 3, state: RunState.Succeeded, steps:
            [Span("scan", 0, 30), Span("stage-events", 30, 60), Span("publish", 60, 90)]));
        Runs.Have(Sample.Run(steps:
            [Span("scan", 0, 30), Sample.Step("stage-events", StepState.Running, share: 0.5), Sample.Step("publish")]));

        var cut = Open();

        Assert.Equal("50 %", cut.Find("[data-testid=run-share]").TextContent);
        Assert.Contains("about 45 s left, as load #3 took", cut.Find("[data-testid=run-now]").TextContent, StringComparison.Ordinal);
        Assert.Equal(3, cut.FindAll("[role=progressbar] i").Count);
        Assert.Single(cut.FindAll("[data-testid=step-publish] .ghost"));
        Assert.Empty(cut.FindAll("[data-testid=step-scan] .ghost"));
    }

    [Fact]
    public void RunScreen_OfWhatIsNew_SaysWhatWasAdded_AndIsNotHeldAgainstAWholeStar()
    {
        Warehouses.Have(Sample.Warehouse(published: true) with { PublishedRun = 7 });
        Tables.Have("music", null, Sample.Table("songplays", 110, TableRole.Fact));
        Runs.Have(Sample.Run(id: 3, state: RunState.Succeeded, steps: [Span("songplays", 0, 30, rows: 100)]));
        Runs.Have(Sample.Run(state: RunState.Succeeded, steps: [Span("songplays", 0, 2, rows: 10)]) with
        {
            Mode = LoadMode.Incremental,
            Adds = new RunAddition(3, Files: 2),
        });

        var outcome = Open().Find("[data-testid=run-outcome]");

        Assert.Contains("Readers see the new records, too", outcome.TextContent, StringComparison.Ordinal);
        Assert.Contains("2 new or changed files added to the star of load #3", outcome.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Compare runs", outcome.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void RunScreen_OfNothingNew_SaysThatReadersKeepTheirStar()
    {
        Warehouses.Have(Sample.Warehouse(published: true) with { PublishedRun = 3 });
        Tables.Have("music", null, Sample.Table("songplays", 110, TableRole.Fact));
        Runs.Have(Sample.Run(id: 5, state: RunState.Succeeded) with { Mode = LoadMode.Incremental, Adds = new RunAddition(3, Files: 2) });
        Runs.Have(Sample.Run(state: RunState.Succeeded) with { Mode = LoadMode.Incremental, Adds = new RunAddition(3, Files: 0) });

        var outcome = Open().Find("[data-testid=run-outcome]");

        Assert.Contains("Nothing is new in the source", outcome.TextContent, StringComparison.Ordinal);
        Assert.Contains("readers keep the star of load #3", outcome.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Plays added", outcome.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Compare runs", outcome.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void RunScreen_Succeeded_LeadsOnAndComparesWithTheLoadBefore()
    {
        Warehouses.Have(Sample.Warehouse(published: true) with { PublishedRun = 7 });
        Tables.Have("music", null, Sample.Table("songplays", 110, TableRole.Fact), Sample.Table("users", 10));
        Runs.Have(Sample.Run(id: 3, state: RunState.Succeeded,
            steps: [Span("songplays", 0, 30, rows: 100), Span("users", 30, 31, rows: 10)]));
        Runs.Have(Sample.Run(state: RunState.Succeeded, steps: [Span("songplays", 0, 32, rows: 110), Span("users", 32, 33, rows: 10)]));

        var cut = Open();

        Assert.Contains("Readers see the new star", cut.Find("[data-testid=run-outcome]").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["/reports?warehouse=music", "/query?warehouse=music", "/runs/compare?a=3&b=7"],
            cut.FindAll("[data-testid=run-outcome] .actions a").Select(a => a.GetAttribute("href")));
        Assert.Contains(cut.FindAll("tbody tr"), row => Words(row) == "songplays 100 110 +10");
        Assert.Contains(cut.FindAll("tbody tr"), row => Words(row) == "users 10 10 0");
        Assert.Equal("+2.0 s", cut.Find("[data-testid=step-songplays] .c-was").TextContent.Trim());
    }

    [Fact]
    public void RunScreen_LogSearched_ShowsWhatFitsAndSaysHowMuch()
    {
        Runs.Have(Sample.Run(state: RunState.Succeeded));
        Runs.Write(Sample.Line(7, 1, "Thirty files found"), Sample.Line(7, 2, "All done"));
        var cut = Open();

        On(cut, "input[aria-label='Find in the log']", static e => e.Input("FILES"));

        cut.WaitForAssertion(() => Assert.Single(cut.FindAll("log-tail .line")), Patience);
        Assert.Contains("1 line of 2", cut.Markup, StringComparison.Ordinal);
        Assert.Contains(cut.FindAll("a[download]"), a => a.GetAttribute("href") == "/api/v1/runs/7/log.txt");
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

    private static StepView Span(string name, int from, int until, long? rows = null) =>
        Sample.Step(name, StepState.Succeeded, rows) with
        {
            StartedAt = Sample.Noon.AddSeconds(from),
            FinishedAt = Sample.Noon.AddSeconds(until),
        };

    private IRenderedComponent<RunScreen> Open() => Render<RunScreen>(p => p.Add(s => s.Id, 7));
}
