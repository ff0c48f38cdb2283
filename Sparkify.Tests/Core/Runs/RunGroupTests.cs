using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunGroupTests
{
    [Fact]
    public async Task Group_WorksAtTheSameTime_AndWhatFollowsWaitsForAllOfIt()
    {
        var (first, second) = (new Gate(), new Gate());
        var followed = false;
        await using var app = await RunsApp.StartAsync(new FakeRun(
            FakeRun.Step("one", (_, ct) => first.PassAsync(ct)),
            FakeRun.Step("two", (_, ct) => second.PassAsync(ct)) with { WithPrevious = true },
            FakeRun.Step("three", (_, _) =>
            {
                followed = true;
                return Task.CompletedTask;
            })));

        var run = await app.StartRunAsync();
        await first.Reached;
        await second.Reached;
        second.Open();
        await Support.Eventually.BecomesAsync(
            async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.Steps[1].State == StepState.Succeeded);
        Assert.False(followed);
        first.Open();

        var ended = await app.App.EndAsync(run.Id);
        Assert.Equal(RunState.Succeeded, ended.State);
        Assert.True(followed);
    }

    [Fact]
    public async Task Group_OneFails_TheOthersAreStoppedAndTheRetryTakesUpWhatIsNotDone()
    {
        var broken = true;
        var beside = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(
            FakeRun.Step("done"),
            FakeRun.Step("beside", (_, ct) => broken ? beside.PassAsync(ct) : Task.CompletedTask),
            FakeRun.Step("broken", BreakAsync) with { WithPrevious = true },
            FakeRun.Step("after")));

        async Task BreakAsync(StepContext step, CancellationToken ct)
        {
            if (broken)
            {
                await beside.Reached;
                throw SparkifyException.Invalid("It is broken.");
            }
        }

        var failed = await app.RunToItsEndAsync();
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Equal("It is broken.", failed.Error);
        Assert.Equal(
            [StepState.Succeeded, StepState.Cancelled, StepState.Failed, StepState.Skipped], failed.Steps.Select(s => s.State));
        Assert.Equal("Stopped, because a step beside it failed.", failed.Steps[1].Message);

        broken = false;
        await app.Runs.RetryAsync(failed.Id, Actor.System, default);
        var ended = await app.App.EndAsync(failed.Id);
        Assert.Equal(RunState.Succeeded, ended.State);
        Assert.Equal([1, 2, 2, 1], ended.Steps.Select(s => s.Attempt));
    }
}
