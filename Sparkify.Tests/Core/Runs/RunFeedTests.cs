using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunFeedTests
{
    [Fact]
    public async Task Subscribers_OfARun_SeeEveryStateInOrder()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one"), Step("two")));
        using var first = app.Runs.Subscribe();
        using var second = app.Runs.Subscribe();

        var run = await app.RunToItsEndAsync();
        var seen = await UntilEndAsync(first);

        Assert.Equal(seen, await UntilEndAsync(second));
        Assert.All(seen, view => Assert.Equal(run.Id, view.Id));
        Assert.Equal(seen.Select(v => v.Revision), seen.Select(v => v.Revision).Distinct().Order());
        Assert.Equal([RunState.Queued, RunState.Running, RunState.Succeeded], seen.Select(v => v.State).Distinct());
        foreach (var ordinal in new[] { 0, 1 })
        {
            Assert.Equal(
                [StepState.Pending, StepState.Running, StepState.Succeeded], seen.Select(v => v.Steps[ordinal].State).Distinct());
        }
    }

    [Fact]
    public async Task Subscriber_OfAnotherRun_SeesNothing()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one")));
        using var other = app.Runs.Subscribe(run: 987654);

        await app.RunToItsEndAsync();

        Assert.False(other.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Subscriber_Disposed_LeavesTheFeed()
    {
        var gate = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, ct) => gate.PassAsync(ct))));
        var subscription = app.Runs.Subscribe();
        var run = await app.StartRunAsync();
        await gate.Reached;

        subscription.Dispose();
        while (subscription.Reader.TryRead(out _))
        {
            // what came before it left
        }

        gate.Open();
        await app.App.EndAsync(run.Id);

        Assert.False(await subscription.Reader.WaitToReadAsync());
    }

    [Fact]
    public async Task Log_WrittenByManyAtOnce_HasNeitherGapsNorRepeats()
    {
        var gate = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", async (step, ct) =>
        {
            await gate.PassAsync(ct);
            await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
            {
                for (var line = 0; line < 100; line++)
                {
                    step.Log($"{writer}.{line}");
                }
            }, ct)));
        })));
        var run = await app.StartRunAsync();
        using var live = app.Runs.SubscribeToLog(run.Id);
        await gate.Reached;
        gate.Open();
        await app.App.EndAsync(run.Id);

        var log = await app.Runs.LogAsync(run.Id, after: 0, most: 5000, default);

        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(l => l.Sequence));
        Assert.Equal(["Queued by Sparkify.", "Succeeded."], new[] { log[0].Message, log[^1].Message });
        Assert.Equal(800, log.Count(l => l.Step == "one"));
        List<RunLogLine> shown = [];
        while (live.Reader.TryRead(out var line))
        {
            shown.Add(line);
        }

        Assert.Equal(log.TakeLast(shown.Count).Select(l => (l.Sequence, l.Message)), shown.Select(l => (l.Sequence, l.Message)));
        Assert.True(shown.Count >= 800, $"{shown.Count} lines were shown live");
        Assert.Equal(log.TakeLast(3), await app.Runs.LogAsync(run.Id, after: 0, most: 3, default));
    }

    private static async Task<List<RunView>> UntilEndAsync(Subscription<RunView> subscription)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        List<RunView> seen = [];
        await foreach (var view in subscription.Reader.ReadAllAsync(patience.Token))
        {
            seen.Add(view);
            if (!view.Active)
            {
                break;
            }
        }

        return seen;
    }
}
