using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Storage;

public sealed class UpgradeTests
{
    // What the version before kept beside its runs, and did not know.
    private const string Before =
        """
        drop schema hangfire cascade;
        alter table runs drop column job, drop column build, drop column waits_for;
        delete from schema_version where script like '%0005%';
        create table qrtz_job_details (sched_name text not null, job_name text not null, job_group text not null, job_data bytea,
                                       primary key (sched_name, job_name, job_group));
        create table qrtz_triggers (sched_name text not null, trigger_name text not null, job_name text not null, job_group text not null,
                                    primary key (sched_name, trigger_name),
                                    foreign key (sched_name, job_name, job_group) references qrtz_job_details);
        create table qrtz_locks (sched_name text not null, lock_name text not null, primary key (sched_name, lock_name));
        insert into qrtz_job_details values ('sparkify', 'run-1', 'runs', '\x00');
        insert into qrtz_triggers values ('sparkify', 'run-1', 'run-1', 'runs');
        """;

    [Fact]
    public async Task Store_OfTheVersionBefore_OpensAndItsRunsGoOn()
    {
        var old = await TestApp.StartAsync();
        string finished = TestApp.NewName(), queued = TestApp.NewName(), running = TestApp.NewName();
        foreach (var name in new[] { finished, queued, running })
        {
            await old.CreateAsync(name, new { sample = new { events = 60, songs = 10, days = 1 } });
            Assert.Equal(RunState.Succeeded, (await old.RunAsync(name, RunKind.Provision)).State);
        }

        var done = await old.RunAsync(finished, RunKind.Load);
        await old.StopAsync();
        await using var db = new NpgsqlConnection(old.Store + ";Pooling=false");
        await db.OpenAsync();
        await db.ExecuteAsync(Before);
        var waits = await QueueAsync(db, queued, "queued");
        var stands = await QueueAsync(db, running, "running");
        await db.ExecuteAsync(
            """
            update runs set started_at = now(), starts = 1 where id = @stands;
            insert into run_steps (run, ordinal, name, title, state, started_at, finished_at)
            select @stands, ordinal, name, title, case when ordinal < 2 then 'succeeded' when ordinal = 2 then 'running' else 'pending' end,
                   case when ordinal <= 2 then now() end, case when ordinal < 2 then now() end
            from   run_steps where run = @done;
            insert into run_steps (run, ordinal, name, title, state)
            select @waits, ordinal, 'old-' || ordinal, 'What only that version did', 'pending' from generate_series(0, 20) ordinal
            """, new { stands, waits, done = done.Id });

        await using var app = await TestApp.StartAsync(after: old);
        var runs = app.Services.GetRequiredService<IRuns>();

        Assert.Equal(RunState.Succeeded, (await runs.FindAsync(done.Id, default))!.State);
        Assert.Equal(
            done.Steps.Select(s => (s.Name, s.State)), (await runs.FindAsync(done.Id, default))!.Steps.Select(s => (s.Name, s.State)));
        var first = await app.EndAsync(waits);
        Assert.True(first.State == RunState.Succeeded, first.Error);
        Assert.Equal(done.Steps.Select(s => (s.Name, s.Title)), first.Steps.Select(s => (s.Name, s.Title)));
        var second = await app.EndAsync(stands);
        Assert.True(second.State == RunState.Succeeded, second.Error);
        // From its scan: what another version half built may have another shape.
        Assert.Equal(done.Steps.Select(s => s.Name), second.Steps.Select(s => s.Name));
        Assert.Equal(2, second.Steps[0].Attempt);
        Assert.Contains(
            await runs.LogAsync(stands, 0, 100, default), l =>
                l.Message == "Begun again from the start: another version of the application began this run.");
        Assert.Equal(60, (await app.CountsAsync(running))["staging_events"]);
        Assert.Equal(0, await db.ExecuteScalarAsync<long>("select count(*) from pg_class where relname like 'qrtz%'"));
        foreach (var name in new[] { finished, queued, running })
        {
            Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Teardown)).State);
        }
    }

    private static Task<long> QueueAsync(NpgsqlConnection db, string warehouse, string state) => db.ExecuteScalarAsync<long>(
        "insert into runs (warehouse, kind, state, actor, created_at) values (@warehouse, 'load', @state, @Name, now()) returning id",
        new { warehouse, state, Actor.System.Name });
}
