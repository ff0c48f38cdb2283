using Sparkify.Core.Chains;
using Sparkify.Core.Runs;
using Sparkify.Tests.Fakes;

namespace Sparkify.Tests.Core.Chains;

/// <summary>What a chain makes of its runs.</summary>
public sealed class ChainCourseTests
{
    [Theory]
    [InlineData(null, ChainEnd.Teardown, null)]
    [InlineData(RunKind.Resume, ChainEnd.Teardown, RunKind.Pause)]
    [InlineData(RunKind.Provision, ChainEnd.Teardown, RunKind.Teardown)]
    [InlineData(null, ChainEnd.Pause, null)]
    public void Cancelled_WhenEveryPartBeforeItsEndHasSucceeded_EndsWhatItBeganAndNoMore(RunKind? opens, ChainEnd end, RunKind? next)
    {
        RunView[] runs = [.. new[] { opens, RunKind.Load }.OfType<RunKind>().Select((k, at) => Run(at + 1, k, RunState.Succeeded))];
        var chain = Chain(opens, end, runs) with { CancelBy = "ann" };

        var course = ChainCourse.Of(chain);
        Assert.Equal(next, course.Next);
        if (next is { } kind)
        {
            course = ChainCourse.Of(chain with { Runs = [.. runs, Run(9, kind, RunState.Succeeded)] });
        }

        Assert.Equal((null, ChainState.Cancelled), (course.Next, course.State));
        Assert.StartsWith("ann cancelled it before its end. ", course.Said, StringComparison.Ordinal);
        Assert.Null(course.ToTell);
    }

    [Fact]
    public void Star_PublishedWhenTheChainHasEnded_DoesNotMakeItSucceed()
    {
        var course = ChainCourse.Of(Over(
            RunKind.Provision, ChainEnd.Teardown, Run(1, RunKind.Provision, RunState.Succeeded), Run(2, RunKind.Load, RunState.Succeeded)));

        Assert.Equal((null, ChainState.Failed, null), (course.Next, course.State, course.ToTell));
        Assert.Equal(
            "Every part before its end succeeded. The chain brought 'music' up and did not end it: if it is still up, end it by hand.",
            course.Said);
    }

    [Fact]
    public void Star_DiscardedWhenTheChainHasEnded_IsNotSaidToHaveBeenUpBefore()
    {
        var course = ChainCourse.Of(Over(
            RunKind.Provision, ChainEnd.Teardown, Run(1, RunKind.Provision, RunState.Succeeded), Run(2, RunKind.Load, RunState.Discarded)));

        Assert.Equal(ChainState.Failed, course.State);
        Assert.EndsWith(
            "The chain brought 'music' up and did not end it: if it is still up, end it by hand.", course.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TriedAgainWhenTheChainHasEnded_DoesNotMakeUpForItsPause()
    {
        var course = ChainCourse.Of(Over(null, ChainEnd.Pause, Run(1, RunKind.Load, RunState.Succeeded)));

        Assert.Equal((null, ChainState.Failed), (course.Next, course.State));
        Assert.EndsWith(
            "'music' was up before the chain began, and stays up. Its end was left out: if it is still wanted, begin it by hand.", course.Said,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TriedAgainAfterAnotherEndThanThePlanned_DoesNotMakeTheChainSucceed()
    {
        var course = ChainCourse.Of(Over(
            RunKind.Resume, ChainEnd.Teardown, Run(1, RunKind.Resume, RunState.Succeeded), Run(2, RunKind.Load, RunState.Succeeded),
            Run(3, RunKind.Pause, RunState.Succeeded)));

        Assert.Equal(
            (ChainState.Failed, "Every part before its end succeeded. 'music' was paused (run 3)."), (course.State, course.Said));
    }

    [Fact]
    public void Pause_RefusedBecauseTheResumptionNeverBegan_LeavesTheChainCancelled()
    {
        var chain = Chain(RunKind.Resume, ChainEnd.Pause, Run(1, RunKind.Resume, RunState.Cancelled)) with
        {
            CancelBy = "ann",
            Refusals = Refused(RunKind.Pause, $"{ChainCourse.NothingUp} Only a running cluster can be paused; 'music' is paused."),
        };

        var course = ChainCourse.Of(chain);

        Assert.Equal(ChainState.Cancelled, course.State);
        Assert.EndsWith(ChainCourse.NothingUp, course.Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Teardown_RefusedForAnotherReason_SaysThatItMayCost()
    {
        var chain = Chain(RunKind.Provision, ChainEnd.Teardown, Run(1, RunKind.Provision, RunState.Failed)) with
        {
            Refusals = Refused(RunKind.Teardown, "It failed for a reason that is in the application's log."),
        };

        var course = ChainCourse.Of(chain);

        Assert.Equal((ChainState.Failed, RunKind.Teardown), (course.State, course.ToTell?.Kind));
        Assert.EndsWith("Its cluster may still run and cost: see to it.", course.Said, StringComparison.Ordinal);
    }

    private static Dictionary<RunKind, string> Refused(RunKind kind, string said) => new() { [kind] = said };

    private static RunView Run(long id, RunKind kind, RunState state) => Sample.Run(id, state, kind);

    private static ChainRow Chain(RunKind? opens, ChainEnd end, params RunView[] runs) => new(
        3, "music", HasCluster: true, new ChainPlan(opens, [], end), "ann", Sample.Noon, CancelBy: null, ChainState.Running, Said: null,
        FinishedAt: null, runs, new Dictionary<RunKind, string>());

    // One that had ended before a part of it was tried again or decided about.
    private static ChainRow Over(RunKind? opens, ChainEnd end, params RunView[] runs) =>
        Chain(opens, end, runs) with { State = ChainState.Failed, Said = "As it was.", FinishedAt = Sample.Noon };
}
