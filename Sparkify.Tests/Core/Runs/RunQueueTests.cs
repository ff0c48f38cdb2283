using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Runs.Scheduling;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunQueueTests
{
    private const string Jobs = "select count(*) from hangfire.job where invocationdata::text like '%RunJob%'";

    [Fact]
    public async Task Enqueue_RolledBack_LeavesNeitherRunNorJob()
    {
        var began = false;
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, _) => Task.FromResult(began = true))));
        var queue = app.App.Services.GetRequiredService<RunQueue>();
        var shown = false;

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => app.App.Services.GetRequiredService<IStore>()
            .InTransactionAsync<RunView>(async db =>
        {
            var run = await queue.AddAsync(
                db, new NewRun(app.Warehouse, RunKind.Pause, Then: null, Choice: RunChoice.None, "Ada"), [Step("one")], default);
            await queue.EnqueueAsync(db, run, RunLogLevel.Info, "Queued.", default, () => shown = true);
            Assert.Equal(1, await db.ExecuteScalarAsync<long>(Jobs));
            throw new InvalidTimeZoneException("Something else went wrong.");
        }, default));

        await using var look = await app.ConnectAsync();
        Assert.Equal((0, 0, 0), (
            await look.ExecuteScalarAsync<long>("select count(*) from runs"), await look.ExecuteScalarAsync<long>(Jobs),
            await look.ExecuteScalarAsync<long>("select count(*) from hangfire.jobqueue where queue = 'runs'")));
        Assert.False(shown);
        // The warehouse is free, and what was rolled back never begins.
        Assert.Equal(RunState.Succeeded, (await app.RunToItsEndAsync()).State);
        Assert.True(began);
        Assert.Equal(1, await look.ExecuteScalarAsync<long>("select count(*) from runs"));
    }

    [Fact]
    public async Task Enqueue_OutsideOfATransaction_IsRefused()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one")));
        var scheduler = app.App.Services.GetRequiredService<IRunScheduler>();
        await using var db = await app.ConnectAsync();

        Assert.Throws<InvalidOperationException>(() => scheduler.Enqueue(1, "Load sample", db, TimeSpan.Zero, static () => { }));
    }

    [Fact]
    public async Task Run_OfManyTakeOverTimes_BeginsOnce()
    {
        var begun = 0;
        var long25 = Step("one", async (_, ct) =>
        {
            Interlocked.Increment(ref begun);
            await Task.Delay(TimeSpan.FromSeconds(25), ct);
        });
        string[] quick = ["--Sparkify:Jobs:TakeOverAfter", "00:00:05"];
        await using var app = await RunsApp.StartAsync(quick, new FakeRun(long25));
        // Whichever of the two has it, the other would take it over if it could.
        await using var other = await app.StartBesideAsync(quick, new FakeRun(long25));

        var run = await app.RunToItsEndAsync();

        Assert.Equal((RunState.Succeeded, 1, 1), (run.State, begun, run.Steps[0].Attempt));
    }

    // The first is told within a second, at a moment of the queue's, that its job is another's. So the second is seen waiting, or at work
    // after the first has let go.
    [Fact]
    public async Task Firing_WhileTheRunIsAtWork_WaitsForItsEndAndChangesNothing()
    {
        var (begun, gate) = (0, new Gate());
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", async (_, ct) =>
        {
            Interlocked.Increment(ref begun);
            await gate.PassAsync(ct);
        })));
        var run = await app.StartRunAsync();
        await gate.Reached;
        await using var db = await app.ConnectAsync();

        await FireAgainAsync(db);
        await Eventually.BecomesAsync(
            async () => Volatile.Read(ref begun) > 1 || await db.ExecuteScalarAsync<bool>(
                "select exists (select from pg_stat_activity where application_name = 'sparkify lock' and wait_event = 'advisory' and datname = current_database())"),
            static seen => seen);
        gate.Open();
        var ended = await app.App.EndAsync(run.Id);

        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        await Eventually.BecomesAsync(
            () => db.ExecuteScalarAsync<long>("select count(*) from hangfire.jobqueue where queue = 'runs'"), left => left == 0);
        Assert.Equal(RunState.Succeeded, (await app.Runs.FindAsync(run.Id, default))!.State);
        Assert.Equal(RunState.Succeeded, (await app.RunToItsEndAsync()).State);
    }

    [Fact]
    public async Task Firing_WhileTheRunIsAtWork_TakesItOver_OnceTheFirstHasLetGo()
    {
        var (begun, atWork, together, gate) = (0, 0, false, new Gate());
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", async (_, ct) =>
        {
            Interlocked.Increment(ref begun);
            together |= Interlocked.Increment(ref atWork) > 1;
            try
            {
                await gate.PassAsync(ct);
            }
            finally
            {
                Interlocked.Decrement(ref atWork);
            }
        })));
        var run = await app.StartRunAsync();
        await gate.Reached;
        await using var db = await app.ConnectAsync();

        await FireAgainAsync(db);
        await Eventually.BecomesAsync(() => Task.FromResult(Volatile.Read(ref begun)), static times => times == 2);
        gate.Open();

        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(run.Id)).State);
        Assert.Equal((2, false), (begun, together));
    }

    [Fact]
    public async Task Firing_OfAJobThatDoesNotCarryTheRunAnyMore_LeavesItAlone()
    {
        var begun = 0;
        await using var app = await RunsApp.StartAsync(
            new FakeRun(Step("one", (_, _) => Task.FromResult(Interlocked.Increment(ref begun)))));
        var shell = app.App.Services.GetRequiredService<RunShell>();
        await using var db = await app.ConnectAsync();
        await using var locked = await db.BeginTransactionAsync();
        await db.ExecuteAsync("select pg_advisory_xact_lock(hashtextextended(@Warehouse, 42))", new { app.Warehouse });
        var run = await app.StartRunAsync();
        await locked.RollbackAsync();
        var ended = await app.App.EndAsync(run.Id);

        await shell.WorkAsync(run.Id, job: -1, CancellationToken.None);

        Assert.Equal((RunState.Succeeded, 1), (ended.State, begun));
    }

    [Fact]
    public async Task Sweep_RunWithoutAJob_QueuesItAgain_AndLeavesOneAtWorkAlone()
    {
        var gates = new Dictionary<string, Gate>();
        var begun = 0;
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (step, ct) =>
        {
            Interlocked.Increment(ref begun);
            return gates[step.Warehouse].PassAsync(ct);
        })));
        gates[app.Warehouse] = new Gate();
        var atWork = await app.StartRunAsync();
        await gates[app.Warehouse].Reached;
        var lost = TestApp.NewName();
        await app.DescribeAsync(lost);
        gates[lost] = new Gate();
        gates[lost].Open();
        await using var db = await app.ConnectAsync();
        var run = await db.ExecuteScalarAsync<long>(
            """
            insert into runs (warehouse, kind, actor, created_at) values (@lost, 'pause', 'an earlier version', now()) returning id
            """, new { lost });

        var recovery = app.App.Services.GetRequiredService<RunRecovery>();
        await recovery.WorkAsync(default);
        var ended = await app.App.EndAsync(run);
        await recovery.WorkAsync(default);
        gates[app.Warehouse].Open();

        Assert.Equal(RunState.Succeeded, ended.State);
        Assert.Equal(RunState.Succeeded, (await app.App.EndAsync(atWork.Id)).State);
        Assert.Equal(2, begun);
    }

    [Fact]
    public async Task Definition_ThatFailsAsTheRunIsTakenUp_IsTheRunsOwnError()
    {
        await using var app = await RunsApp.StartAsync(new BrokenRun());

        var run = await app.RunToItsEndAsync();

        Assert.Equal(
            (RunState.Failed, "Something unexpected happened (FormatException): The plan cannot be read."), (run.State, run.Error));
        Assert.Equal([StepState.Skipped], run.Steps.Select(s => s.State));
    }

    // The same job comes out of the queue once more, as it does when a worker seemed to be dead.
    private static async Task FireAgainAsync(NpgsqlConnection db) =>
        await db.ExecuteAsync("insert into hangfire.jobqueue (jobid, queue) select job, 'runs' from runs");

    private sealed class BrokenRun : IRunDefinition
    {
        public RunKind Kind => RunKind.Pause;

        public Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct) => starting
            ? Task.FromResult<IReadOnlyList<RunStep>>([Step("one")])
            : throw new FormatException("The plan cannot be read.");
    }
}
