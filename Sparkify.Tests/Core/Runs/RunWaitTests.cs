using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunWaitTests
{
    [Fact]
    public async Task Waiting_AsManyAsThereAreWorkers_HoldUpNobody_AndGoOnWhenTheirTimeComes()
    {
        const int Workers = 2;
        var looks = new ConcurrentDictionary<string, int>();
        var open = false;
        await using var app = await RunsApp.StartAsync(
            ["--Sparkify:Jobs:Workers", $"{Workers}"],
            new FakeRun(Step("before"), Step("wait", async (step, ct) =>
            {
                looks.AddOrUpdate(step.Warehouse, 1, (_, count) => count + 1);
                while (!open)
                {
                    step.Progress.Message = "Waiting for the cluster";
                    await step.WaitAsync(TimeSpan.FromSeconds(5), ct);
                }
            })),
            new FakeRun(Step("quick")) { Kind = RunKind.Resume });
        var waiting = new List<RunView>();
        for (var i = 0; i < Workers + 1; i++)
        {
            var name = TestApp.NewName();
            await app.DescribeAsync(name);
            waiting.Add(await app.Runs.StartAsync(name, RunKind.Pause, Actor.System, default));
        }

        foreach (var run in waiting)
        {
            var seen = await Eventually.BecomesAsync(
                async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.WaitsFor is not null);
            Assert.Equal(
                (RunState.Running, "Waiting for the cluster", StepState.Running), (seen.State, seen.WaitsFor, seen.Steps[1].State));
        }

        var quick = await app.App.EndAsync((await app.Runs.StartAsync(app.Warehouse, RunKind.Resume, Actor.System, default)).Id);
        Assert.Equal(RunState.Succeeded, quick.State);

        open = true;
        foreach (var run in waiting)
        {
            var ended = await app.App.EndAsync(run.Id);
            Assert.Equal((RunState.Succeeded, null), (ended.State, ended.WaitsFor));
            // Looking again is no new attempt.
            Assert.Equal([1, 1], ended.Steps.Select(s => s.Attempt));
            Assert.True(looks[run.Warehouse] >= 2);
        }
    }

    [Fact]
    public async Task Waiting_Cancelled_EndsAtOnceAndTheStepSaysSo()
    {
        var said = false;
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("wait", async (step, ct) =>
            {
                if (ct.IsCancellationRequested)
                {
                    said = true;
                    ct.ThrowIfCancellationRequested();
                }

                await step.WaitAsync(TimeSpan.FromHours(1), ct);
            }),
            Step("after")));
        var run = await app.StartRunAsync();
        await Eventually.BecomesAsync(async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.WaitsFor is not null);

        await app.Runs.CancelAsync(run.Id, new Actor("Ada"), default);
        var ended = await app.App.EndAsync(run.Id);

        Assert.Equal((RunState.Cancelled, null, true), (ended.State, ended.WaitsFor, said));
        Assert.Equal([StepState.Cancelled, StepState.Skipped], ended.Steps.Select(s => s.State));
        Assert.Contains(await app.Runs.LogAsync(run.Id, 0, 100, default), l => l.Message == "Cancel asked for by Ada.");
    }

    [Fact]
    public async Task Waiting_ApplicationRestarted_GoesOnWaitingAsTheSameAttempt()
    {
        var app = await RunsApp.StartAsync(new FakeRun(Step("wait", (step, ct) => step.WaitAsync(TimeSpan.FromSeconds(6), ct))));
        var run = await app.StartRunAsync();
        await Eventually.BecomesAsync(async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.WaitsFor is not null);

        await using var again = await app.RestartAsync(new FakeRun(Step("wait")));
        var ended = await again.App.EndAsync(run.Id);

        Assert.Equal((RunState.Succeeded, 1), (ended.State, ended.Steps[0].Attempt));
        Assert.DoesNotContain(await again.Runs.LogAsync(run.Id, 0, 100, default), l => l.Level != RunLogLevel.Info);
    }

    [Fact]
    public async Task Queued_BehindEveryWorker_HasItsPlaceAndMovesUp()
    {
        var gates = new ConcurrentDictionary<string, Gate>();
        await using var app = await RunsApp.StartAsync(
            ["--Sparkify:Jobs:Workers", "1"], new FakeRun(
                Step("one", (step, ct) => gates.GetOrAdd(step.Warehouse, _ => new Gate()).PassAsync(ct))));
        var first = await app.StartRunAsync();
        await gates.GetOrAdd(app.Warehouse, _ => new Gate()).Reached;
        List<RunView> queued = [];
        for (var i = 0; i < 3; i++)
        {
            var name = TestApp.NewName();
            await app.DescribeAsync(name);
            queued.Add(await app.Runs.StartAsync(name, RunKind.Pause, Actor.System, default));
        }

        Assert.Equal([1, 2, 3], queued.Select(q => q.Place));
        using var live = app.Runs.Subscribe(queued[2].Id);
        gates[app.Warehouse].Open();
        await app.App.EndAsync(first.Id);
        await gates.GetOrAdd(queued[0].Warehouse, _ => new Gate()).Reached;

        var moved = await Eventually.BecomesAsync(
            () => Task.FromResult(live.Reader.TryRead(out var view) ? view : null), view => view?.Place == 2);
        Assert.Equal(RunState.Queued, moved!.State);
        foreach (var gate in queued.Select(q => gates.GetOrAdd(q.Warehouse, _ => new Gate())))
        {
            gate.Open();
        }

        foreach (var run in queued)
        {
            Assert.Null((await app.App.EndAsync(run.Id)).Place);
        }
    }
}
