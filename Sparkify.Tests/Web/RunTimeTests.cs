using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;
using Sparkify.Web.Features.Runs;

namespace Sparkify.Tests.Web;

/// <summary>How a run's time is laid out, and how far it is by the run before.</summary>
public sealed class RunTimeTests
{
    private static readonly RunView Before = Run(
        3, RunState.Succeeded, Span("scan", 0, 8), Span("stage", 8, 20), Span("users", 20, 22), Span("songs", 20, 24),
            Span("publish", 24, 25));

    [Fact]
    public void Timeline_NightBetweenFailureAndRetry_IsSqueezed()
    {
        StepAttempt[] attempts =
        [
            new("stage", 1, StepState.Failed, Sample.Noon, Sample.Noon.AddSeconds(50), null),
            new("stage", 2, StepState.Succeeded, Sample.Noon.AddHours(12), Sample.Noon.AddHours(12).AddSeconds(50), null),
        ];

        var bars = new RunTimeline(Run(7, RunState.Succeeded), attempts, before: null, Sample.Noon.AddDays(1)).Bars("stage");

        Assert.Equal([1, 2], bars.Select(b => b.Attempt));
        Assert.All(bars, b => Assert.InRange(b.Width, 0.45, 0.5));
        Assert.InRange(bars[1].Left, 0.5, 0.55);
    }

    [Theory]
    [InlineData(9, "0 s,1 s,2 s,3 s,4 s,5 s,6 s,7 s,8 s,9 s")]
    [InlineData(25, "0 s,5 s,10 s,15 s,20 s,25 s")]
    [InlineData(600, "0 s,1 m,2 m,3 m,4 m,5 m,6 m,7 m,8 m,9 m,10 m")]
    public void Timeline_Ticks_AreRound(int seconds, string ticks)
    {
        StepAttempt[] attempts = [new("stage", 1, StepState.Succeeded, Sample.Noon, Sample.Noon.AddSeconds(seconds), null)];

        var timeline = new RunTimeline(Run(7, RunState.Succeeded), attempts, before: null, Sample.Noon);

        Assert.Equal(ticks, string.Join(',', timeline.Ticks.Select(t => t.Text)));
        Assert.Equal(0, timeline.Ticks[0].Left);
    }

    [Fact]
    public void Timeline_BehindThePlan_MovesWhatIsStillToCome()
    {
        // The scan took four seconds longer than before; staging is half done.
        var run = Run(7, RunState.Running, Span("scan", 0, 12), Sample.Step("stage", StepState.Running, share: 0.5) with
        {
            StartedAt = Sample.Noon.AddSeconds(12),
        }, Sample.Step("publish"));
        var now = Sample.Noon.AddSeconds(18);
        var timeline = new RunTimeline(run, Attempts(run), new RunSchedule(Before), now);

        // The plan is at 14 of its 25 seconds, this run at 18: 29 in all.
        Assert.Equal(18 / 29.0, timeline.Now!.Value, 3);
        var publish = timeline.Ghost(run.Steps[2])!;
        Assert.Equal((28 / 29.0, 1 / 29.0), (Math.Round(publish.Left, 6), publish.Width), new Near());
        Assert.Null(timeline.Ghost(run.Steps[0]));
    }

    [Fact]
    public void Progress_PiecesAreAsWideAsBefore_AndStepsAtTheSameTimeAreOne()
    {
        var run = Run(
            7, RunState.Running, Span("scan", 0, 8), Span("stage", 8, 20), Span("users", 20, 22),
            Sample.Step("songs", StepState.Running, share: 0.25), Sample.Step("publish"));

        var progress = new RunProgress(run, new RunSchedule(Before), Sample.Noon.AddSeconds(21));

        Assert.Equal([8, 12, 4, 1], progress.Pieces.Select(p => Math.Round(p.Weight, 3)));
        Assert.Equal("Title of users, Title of songs", progress.Pieces[2].Title);
        // Two seconds of users and a quarter of four seconds of songs, of six.
        Assert.Equal(0.5, progress.Pieces[2].Done, 3);
        Assert.Equal((8 + 12 + 2) / 25.0, progress.Share, 3);
        Assert.Equal(3, progress.Left!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void Progress_WithoutARunBefore_CountsStepsAndGuessesNothing()
    {
        var run = Run(7, RunState.Running, Span("scan", 0, 8), Sample.Step("stage", StepState.Running, share: 0.5), Sample.Step("publish"));

        var progress = new RunProgress(run, plan: null, Sample.Noon.AddSeconds(9));

        Assert.Equal((0.5, null), (progress.Share, progress.Left));
    }

    [Fact]
    public void Progress_StepThatSaysNothing_GoesByItsTimeBefore_ButNeverToItsEnd()
    {
        var run = Run(7, RunState.Running, Sample.Step("scan", StepState.Running) with { StartedAt = Sample.Noon });
        var plan = new RunSchedule(Before);

        Assert.Equal(0.5, new RunProgress(run, plan, Sample.Noon.AddSeconds(4)).Pieces[0].Done, 3);
        Assert.Equal(0.95, new RunProgress(run, plan, Sample.Noon.AddSeconds(400)).Pieces[0].Done, 3);
    }

    [Fact]
    public void RunsQuery_GoesIntoTheAddressAndBack()
    {
        var query = new RunsQuery("music", RunKind.Load, RunState.Failed, 3)
        {
            Text = "disk full",
            From = new DateOnly(2026, 11, 1),
            Until = new DateOnly(2026, 11, 30),
            Rejects = true,
            Order = RunOrder.Longest,
        };

        Assert.Equal(
            "/runs?warehouse=music&kind=load&state=failed&text=disk%20full&from=2026-11-01&until=2026-11-30&rejects=true&order=longest&page=3",
            query.ToUrl());
        Assert.Equal(new RunsQuery("music", RunKind.Load, RunState.Failed, 3), RunsQuery.Parse("music", "load", "failed", 3));
        Assert.Equal("/runs", RunsQuery.Parse(null, "nonsense", "4", -1).ToUrl());
        Assert.Null(RunsQuery.Day("30.11.2026"));
    }

    private static RunView Run(long id, RunState state, params StepView[] steps) => Sample.Run(id, state, steps: steps);

    private static StepAttempt[] Attempts(RunView run) =>
        [.. run.Steps.Select(s => new StepAttempt(s.Name, s.Attempt, s.State, s.StartedAt, s.FinishedAt, null))];

    private static StepView Span(string name, int from, int until) => Sample.Step(name, StepState.Succeeded) with
    {
        StartedAt = Sample.Noon.AddSeconds(from),
        FinishedAt = Sample.Noon.AddSeconds(until),
    };

    private sealed class Near : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) x, (double, double) y) =>
            Math.Abs(x.Item1 - y.Item1) < 0.001 && Math.Abs(x.Item2 - y.Item2) < 0.001;

        public int GetHashCode((double, double) obj) => 0;
    }
}
