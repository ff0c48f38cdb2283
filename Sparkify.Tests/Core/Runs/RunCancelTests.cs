using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Tests.Support;
using static Sparkify.Tests.Core.Runs.FakeRun;

namespace Sparkify.Tests.Core.Runs;

public sealed class RunCancelTests
{
    private const string Sleeping =
        "select count(*) from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%'";

    [Fact]
    public async Task Cancel_StepRunsSql_StopsThatSqlOnTheServer()
    {
        var app = default(RunsApp);
        await using var started = app = await RunsApp.StartAsync(new FakeRun(
            Step("one", async (_, ct) =>
            {
                await using var command = app!.App.Services.GetRequiredService<IStore>().Database.CreateCommand("select pg_sleep(600)");
                command.CommandTimeout = 0;
                await command.ExecuteNonQueryAsync(ct);
            }),
            Step("two")));
        await using var look = await app.ConnectAsync();
        var run = await app.StartRunAsync();
        await Eventually.BecomesAsync(() => look.ExecuteScalarAsync<long>(Sleeping + " and state = 'active'"), count => count == 1);

        await app.Runs.CancelAsync(run.Id, new Actor("Ada"), default);
        var cancelled = await app.App.EndAsync(run.Id);

        Assert.Equal(0, await look.ExecuteScalarAsync<long>(Sleeping + " and state = 'active'"));
        Assert.Equal((RunState.Cancelled, true, null), (cancelled.State, cancelled.CancelRequested, cancelled.Error));
        Assert.Equal([StepState.Cancelled, StepState.Skipped], cancelled.Steps.Select(s => s.State));
        Assert.Contains(await app.Runs.LogAsync(run.Id, 0, 100, default), l => l.Message == "Cancel asked for by Ada.");
    }

    [Fact]
    public async Task Cancel_BeforeItBegins_NeverBegins()
    {
        var began = false;
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, _) => Task.FromResult(began = true))));
        await using var fence = await app.ConnectAsync();
        await fence.ExecuteAsync("select pg_advisory_lock(hashtextextended(@Warehouse, 42))", new { app.Warehouse });
        var run = await app.StartRunAsync();

        var cancelled = await app.Runs.CancelAsync(run.Id, Actor.System, default);
        await fence.ExecuteAsync("select pg_advisory_unlock_all()");
        var next = await app.RunToItsEndAsync(); // waits behind what is left of the first

        Assert.Equal(RunState.Cancelled, cancelled.State);
        Assert.Equal(RunState.Succeeded, next.State);
        Assert.True(began);
        var first = (await app.Runs.FindAsync(run.Id, default))!;
        Assert.Equal((RunState.Cancelled, null, StepState.Pending), (first.State, first.StartedAt, first.Steps[0].State));
    }

    [Fact]
    public async Task Cancel_AskedWhileTheRunBegins_IsNotForgotten()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one", (_, ct) => Task.Delay(Timeout.Infinite, ct))));

        // At every moment of the start there is: none of them may lose the wish.
        for (var i = 0; i < 10; i++)
        {
            var run = await app.StartRunAsync();
            await app.Runs.CancelAsync(run.Id, Actor.System, default);
            Assert.Equal(RunState.Cancelled, (await app.App.EndAsync(run.Id)).State);
        }
    }

    [Fact]
    public async Task Cancel_WhileWaitingForAnotherAttempt_TakesEffect()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(
            Step("one", (_, _) => throw new NpgsqlException("The server went away.", new IOException("Broken pipe")))));
        var run = await app.StartRunAsync();
        await Eventually.BecomesAsync(async () => (await app.Runs.FindAsync(run.Id, default))!, view => view.Steps[0].Attempt > 1);

        await app.Runs.CancelAsync(run.Id, Actor.System, default);

        Assert.Equal(RunState.Cancelled, (await app.App.EndAsync(run.Id)).State);
    }

    [Fact]
    public async Task Cancel_EndedOrUnknownRun_IsRefused()
    {
        await using var app = await RunsApp.StartAsync(new FakeRun(Step("one")));
        var run = await app.RunToItsEndAsync();

        var ended = await Assert.ThrowsAsync<SparkifyException>(() => app.Runs.CancelAsync(run.Id, Actor.System, default));
        var unknown = await Assert.ThrowsAsync<SparkifyException>(() => app.Runs.CancelAsync(987654, Actor.System, default));

        Assert.Equal(
            (ProblemKind.Conflict, $"Run {run.Id} has ended already (succeeded); there is nothing to cancel."),
            (ended.Kind, ended.Message));
        Assert.Equal((ProblemKind.NotFound, "There is no run 987654."), (unknown.Kind, unknown.Message));
    }
}
