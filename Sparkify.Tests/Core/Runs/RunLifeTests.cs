using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunLifeTests
{
    [Fact]
    public async Task Run_EveryStepSucceeds_LandsInTheLedgerInOrder()
    {
        List<string> done = [];
        await using var app = await RunsApp.StartAsync(new FakeRun(
            [.. new[] { "one", "two", "three" }.Select(name => Step(name, (step, _) =>
            {
                done.Add(name);
                step.Progress.Message = $"did {name}";
                return Task.CompletedTask;
            }))]));

        var run = await app.RunToItsEndAsync();

        Assert.Equal((RunState.Succeeded, null), (run.State, run.Error));
        Assert.Equal(["one", "two", "three"], done);
        Assert.Equal(["did one", "did two", "did three"], run.Steps.Select(s => s.Message));
        Assert.All(run.Steps, s => Assert.Equal((StepState.Succeeded, 1, 1.0), (s.State, s.Attempt, s.Share)));
        Assert.Equal(run.Steps.Select(s => s.StartedAt), run.Steps.Select(s => s.StartedAt).Order());
        var listed = Assert.Single((await app.Runs.HistoryAsync(new RunFilter(app.Warehouse), default)).Items);
        Assert.Equal((run.Id, RunState.Succeeded, RunKind.Pause, Actor.System.Name), (listed.Id, listed.State, listed.Kind, listed.Actor));
        Assert.Equal(run.Id, Assert.Single(await app.Runs.LatestAsync(default)).Id);
    }

    [Fact]
    public async Task Run_StepFails_SkipsTheRestAndCarriesTheSentence()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("one"), Step("two", (_, _) => throw SparkifyException.Conflict("The bucket is empty. Fill it.")), Step("three")));

        var run = await app.RunToItsEndAsync();

        Assert.Equal((RunState.Failed, "The bucket is empty. Fill it."), (run.State, run.Error));
        Assert.Equal([StepState.Succeeded, StepState.Failed, StepState.Skipped], run.Steps.Select(s => s.State));
        Assert.Equal("The bucket is empty. Fill it.", run.Steps[1].Message);
        Assert.Contains(await app.Runs.LogAsync(run.Id, 0, 100, default), l => l is { Level: RunLogLevel.Error, Step: "two", Attempt: 1 });
    }

    [Fact]
    public async Task Retry_FailedRun_GoesOnAtTheFailedStepWithASecondAttempt()
    {
        var (first, tries) = (0, 0);
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("one", (_, _) => Task.FromResult(first++)),
            Step("two", (_, _) => tries++ == 0 ? throw SparkifyException.Conflict("Not yet.") : Task.CompletedTask),
            Step("three")));
        var failed = await app.RunToItsEndAsync();

        var queued = await app.Runs.RetryAsync(failed.Id, new Actor("Ada"), default);
        var run = await app.App.EndAsync(failed.Id);

        Assert.Equal((failed.Id, null), (queued.Id, queued.Error));
        Assert.Equal(RunState.Succeeded, run.State);
        Assert.Equal(1, first);
        Assert.Equal([1, 2, 1], run.Steps.Select(s => s.Attempt));
        Assert.Equal(
            [(
                "one", 1,
                StepState.Succeeded), ("two", 1, StepState.Failed), ("two", 2, StepState.Succeeded), ("three", 1, StepState.Succeeded)],
            (await app.Runs.AttemptsAsync(run.Id, default)).Select(a => (a.Step, a.Attempt, a.State)));
        Assert.Contains(await app.Runs.LogAsync(run.Id, 0, 100, default), l => l.Message == "Retry asked for by Ada.");
    }

    [Fact]
    public async Task Retry_SucceededOrOlderRun_IsRefused()
    {
        var tries = 0;
        await using var app = await RunsApp.StartAsync(
            new FakeRun(Step("one", (_, _) => tries++ == 0 ? throw SparkifyException.Conflict("No.") : Task.CompletedTask)));
        var older = await app.RunToItsEndAsync();
        var latest = await app.RunToItsEndAsync();

        var succeeded = await Assert.ThrowsAsync<SparkifyException>(() => app.Runs.RetryAsync(latest.Id, Actor.System, default));
        var notLatest = await Assert.ThrowsAsync<SparkifyException>(() => app.Runs.RetryAsync(older.Id, Actor.System, default));

        Assert.Equal($"Run {latest.Id} is succeeded; only a failed or cancelled run can be retried.", succeeded.Message);
        Assert.StartsWith(
            $"Run {older.Id} is not the latest run of '{app.Warehouse}' any more", notLatest.Message, StringComparison.Ordinal);
        Assert.Equal((ProblemKind.Conflict, ProblemKind.Conflict), (succeeded.Kind, notLatest.Kind));
    }

    [Fact]
    public async Task Start_ThirtyAtOnce_OneWinsAndTheOthersAreToldItsNumber()
    {
        var gate = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, ct) => gate.PassAsync(ct))));

        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
        {
            try
            {
                return (Run: (await app.StartRunAsync()).Id, Refusal: (SparkifyException?)null);
            }
            catch (SparkifyException ex)
            {
                return (0, ex);
            }
        }));
        gate.Open();

        var winner = Assert.Single(answers, a => a.Refusal is null).Run;
        Assert.All(answers.Where(a => a.Refusal is not null), a => Assert.Equal(
            (ProblemKind.Conflict, winner), (a.Refusal!.Kind, a.Refusal.ActiveRun)));
        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(winner)).State);
        Assert.Equal(1, (await app.Runs.HistoryAsync(new RunFilter(app.Warehouse), default)).Total);
    }

    [Fact]
    public async Task Start_AnotherWarehouse_RunsAtTheSameTime()
    {
        var gates = new Dictionary<string, Gate>();
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (step, ct) => gates[step.Warehouse].PassAsync(ct))));
        var other = TestApp.NewName();
        await app.DescribeAsync(other);
        (gates[app.Warehouse], gates[other]) = (new Gate(), new Gate());

        var first = await app.StartRunAsync();
        var second = await app.Runs.StartAsync(other, RunKind.Pause, Actor.System, default);
        await Task.WhenAll(gates.Values.Select(g => g.Reached));
        gates[other].Open();
        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(second.Id)).State);
        gates[app.Warehouse].Open();

        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(first.Id)).State);
    }

    [Fact]
    public async Task History_NarrowedAndCounted_HoldsWhatFits()
    {
        var fails = false;
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (step, _) =>
        {
            step.Progress.AddRejects(fails ? 2 : 0);
            return fails ? throw SparkifyException.Conflict("The Bucket is empty.") : Task.CompletedTask;
        })));
        var good = await app.RunToItsEndAsync();
        fails = true;
        var bad = await app.RunToItsEndAsync();
        fails = false;
        var last = await app.RunToItsEndAsync();
        var filter = new RunFilter(app.Warehouse);

        Assert.Equal([bad.Id], await IdsAsync(filter with { Text = "bUCKET" }));
        Assert.Equal([good.Id], await IdsAsync(filter with { Text = $"#{good.Id}" }));
        Assert.Empty(await IdsAsync(filter with { Text = "100 %_" }));
        Assert.Equal([bad.Id, good.Id], await IdsAsync(filter with { Before = last.Id }));
        Assert.Equal([last.Id, bad.Id], await IdsAsync(filter with { From = bad.CreatedAt }));
        Assert.Equal([good.Id], await IdsAsync(filter with { Until = bad.CreatedAt }));
        Assert.Equal([bad.Id], await IdsAsync(filter with { WithRejects = true }));
        var longest = (await app.Runs.HistoryAsync(filter with { Order = RunOrder.Longest }, default)).Items;
        Assert.Equal(longest.Select(r => r.FinishedAt - r.StartedAt).OrderDescending(), longest.Select(r => r.FinishedAt - r.StartedAt));

        // How they ended does not narrow the count; what else narrows the list does.
        var tally = await app.Runs.TallyAsync(filter with { State = RunState.Failed, WithRejects = true }, default);
        Assert.Equal((3, 2, 1, 1), (tally.All, tally.States[RunState.Succeeded], tally.States[RunState.Failed], tally.WithRejects));
        Assert.Equal(1, (await app.Runs.TallyAsync(filter with { Before = bad.Id }, default)).All);

        async Task<IEnumerable<long>> IdsAsync(RunFilter wanted) => (await app.Runs.HistoryAsync(wanted, default)).Items.Select(r => r.Id);
    }

    [Fact]
    public async Task WholeLog_OfARun_HasEveryLineInOrder()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one"), Step("two")));
        var run = await app.RunToItsEndAsync();

        List<RunLogLine> lines = [];
        await foreach (var line in app.Runs.WholeLogAsync(run.Id, default))
        {
            lines.Add(line);
        }

        Assert.Equal(await app.Runs.LogAsync(run.Id, 0, 1000, default), lines);
        Assert.Equal(lines.Select((_, at) => at + 1), lines.Select(l => l.Sequence));
    }

    [Fact]
    public async Task Start_WithARunToFollow_QueuesItWhenTheFirstSucceeds()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one")), new FakeRun(Step("two")) { Kind = RunKind.Resume });

        var first = await app.App.EndAsync((await app.StartRunAsync(then: RunKind.Resume)).Id);
        var runs = await app.Runs.HistoryAsync(new RunFilter(app.Warehouse), default);

        // Queued in the transaction that ended the first: whoever sees the end sees what follows.
        Assert.Equal([RunKind.Resume, RunKind.Pause], runs.Items.Select(r => r.Kind));
        Assert.Equal(first.Actor, runs.Items[0].Actor);
        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(runs.Items[0].Id)).State);
    }

    [Fact]
    public async Task Start_WithARunToFollow_QueuesNothingWhenTheFirstFails()
    {
        await using var app = await RunsApp.StartAsync(
            new FakeRun(
                Step("one", (_, _) => throw SparkifyException.Conflict("No."))), new FakeRun(Step("two")) { Kind = RunKind.Resume });

        await app.App.EndAsync((await app.StartRunAsync(then: RunKind.Resume)).Id);

        Assert.Equal(1, (await app.Runs.HistoryAsync(new RunFilter(app.Warehouse), default)).Total);
    }

    [Fact]
    public async Task Step_ConnectionBroken_IsTriedAgainAsANewAttempt()
    {
        var app = default(RunsApp);
        await using var started = app = await RunsApp.StartAsync(new FakeRun(Step("one", async (step, ct) =>
        {
            await using var db = await app!.App.Services.GetRequiredService<IStore>().Database.OpenConnectionAsync(ct);
            await using var command = new NpgsqlCommand(
                step.Attempt == 1 ? "select pg_terminate_backend(pg_backend_pid())" : "select 1", db);
            await command.ExecuteNonQueryAsync(ct);
        })));

        var run = await app.RunToItsEndAsync();

        Assert.Equal((RunState.Succeeded, 2), (run.State, run.Steps[0].Attempt));
        Assert.Equal([StepState.Failed, StepState.Succeeded], (await app.Runs.AttemptsAsync(run.Id, default)).Select(a => a.State));
    }

    [Fact]
    public async Task Step_GivesUpByATimeoutOfItsOwn_FailsAndIsNotCancelled()
    {
        await using var app = await RunsApp.StartAsync(
            new FakeRun(Step("one", (_, _) => throw new TaskCanceledException("The request timed out."))));

        var run = await app.RunToItsEndAsync();

        Assert.Equal((RunState.Failed, StepState.Failed), (run.State, run.Steps[0].State));
        Assert.Equal("The step gave up waiting for something, though nobody cancelled it.", run.Error);
    }

    [Fact]
    public async Task Progress_OnlyWhatAStepCounts_IsKnown()
    {
        var gate = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("counts", async (step, ct) =>
            {
                step.Progress.Expect(bytes: 400, files: 4);
                step.Progress.AddBytes(100);
                step.Progress.AddRows(10);
                await gate.PassAsync(ct);
            }),
            Step("does not")));
        var run = await app.StartRunAsync();

        var half = await Eventually.BecomesAsync(
            async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.Steps[0].Rows is not null);
        gate.Open();
        var ended = await app.App.EndAsync(run.Id);

        Assert.Equal((10, 100, 0.25), (half.Steps[0].Rows, half.Steps[0].Bytes, half.Steps[0].Share));
        Assert.Equal(
            (400, 4, null, null), (half.Steps[0].TotalBytes, half.Steps[0].TotalFiles, half.Steps[0].Files, half.Steps[0].Rejects));
        Assert.Equal(1, ended.Steps[0].Share);
        Assert.True(ended.Steps[0].RowsPerSecond > 0);
        Assert.Equal(
            (null, null, null, null), (ended.Steps[1].Rows, ended.Steps[1].Bytes, ended.Steps[1].TotalBytes, ended.Steps[1].RowsPerSecond));
    }
}
