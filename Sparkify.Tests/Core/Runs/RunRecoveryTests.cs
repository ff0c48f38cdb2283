using Dapper;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunRecoveryTests
{
    [Fact]
    public async Task App_StoppedInTheMiddleOfAStep_GoesOnThereWhenItStartsAgain()
    {
        var (first, gate) = (0, new Gate());
        RunStep one = Step("one", (_, _) => Task.FromResult(first++)), three = Step("three");
        var app = await RunsApp.StartAsync(new FakeRun(one, Step("two", (_, ct) => gate.PassAsync(ct)), three));
        var run = await app.StartRunAsync();
        await gate.Reached;

        await using var again = await app.RestartAsync(new FakeRun(one, Step("two"), three));
        var ended = await again.App.EndAsync(run.Id);

        Assert.Equal((RunState.Succeeded, 1), (ended.State, first));
        Assert.Equal(
            [(
                "one", 1,
                StepState.Succeeded), ("two", 1, StepState.Failed), ("two", 2, StepState.Succeeded), ("three", 1, StepState.Succeeded)],
            (await again.Runs.AttemptsAsync(run.Id, default)).Select(a => (a.Step, a.Attempt, a.State)));
        var log = await again.Runs.LogAsync(run.Id, 0, 100, default);
        Assert.Contains(log, l => l.Message == "The application stops; the run goes on when it starts again.");
        Assert.Contains(log, l => l.Message == "Taken up again at 'The step two' after the application stopped.");
        Assert.Equal(Enumerable.Range(1, log.Count), log.Select(l => l.Sequence));
    }

    [Fact]
    public async Task App_StoppedWithACancelAskedFor_EndsTheRunAsCancelled()
    {
        var gate = new Gate();
        var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, ct) => gate.PassAsync(ct))));
        var run = await app.StartRunAsync();
        await gate.Reached;
        await using (var db = await app.ConnectAsync())
        {
            // The wish was written, and the application was killed before it acted on it.
            await using var wish = new Npgsql.NpgsqlCommand("update runs set cancel_asked = true", db);
            await wish.ExecuteNonQueryAsync();
        }

        await using var again = await app.RestartAsync(new FakeRun(Step("one")));

        Assert.Equal(RunState.Cancelled, (await again.App.EndAsync(run.Id)).State);
    }

    [Fact]
    public async Task App_WhoseForerunnerWasKilledWhilePlanning_StartsNonetheless_AndPlansOnceTheLockIsFree()
    {
        const string Planned = "select exists (select 1 from hangfire.set where key = 'recurring-jobs' and value = 'recover-runs')";
        var killed = await TestApp.StartAsync();
        await using var db = new Npgsql.NpgsqlConnection(killed.Store);
        await db.OpenAsync();
        await Eventually.BecomesAsync(() => db.ExecuteScalarAsync<bool>(Planned), planned => planned);
        // Held and never let go, as by a process that is no more.
        _ = killed.Services.GetRequiredService<JobStorage>().GetConnection()
            .AcquireDistributedLock("lock:recurring-job:recover-runs", TimeSpan.FromSeconds(30));
        Assert.NotEqual(0, await db.ExecuteScalarAsync<int>("select count(*) from hangfire.lock where resource like '%recover-runs'"));
        await killed.StopAsync();
        await db.ExecuteAsync(
            "delete from hangfire.hash where key like 'recurring-job:%'; delete from hangfire.set where key = 'recurring-jobs'");

        await using var app = await TestApp.StartAsync(after: killed);

        Assert.False(await db.ExecuteScalarAsync<bool>(Planned));
        await db.ExecuteAsync("delete from hangfire.lock");
        await Eventually.BecomesAsync(() => db.ExecuteScalarAsync<bool>(Planned), planned => planned);
    }

    [Fact]
    public async Task Database_RestartedInTheMiddleOfARun_DoesNotLoseTheRun()
    {
        var gate = new Gate();
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("one", async (step, ct) =>
            {
                step.Progress.AddRows(1);
                await gate.PassAsync(ct);
                step.Log("after the restart");
            }),
            Step("two")));
        var run = await app.StartRunAsync();
        await gate.Reached;

        await app.BreakConnectionsAsync();
        // Whoever next uses the pool meets the broken connections; the health check does, and says when it is over.
        var health = app.App.Services.GetRequiredService<IRunHealth>();
        await Eventually.BecomesAsync(() => health.FaultAsync(default), fault => fault is null);
        gate.Open();
        var ended = await app.App.EndAsync(run.Id);

        Assert.Equal((RunState.Succeeded, 1), (ended.State, ended.Steps[0].Attempt));
        Assert.Contains(await app.Runs.LogAsync(run.Id, 0, 100, default), l => l.Message == "after the restart");
        // The queue, too, still works.
        Assert.Equal(RunState.Succeeded, (await app.RunToItsEndAsync()).State);
    }
}
