using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline.Redshift;
using Sparkify.Tests.Core.Provisioning.Redshift.Existing;
using Sparkify.Tests.Simulator;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>People's own logins into clusters: one that is the warehouse's own, and one that somebody else made.</summary>
public sealed class ClusterLoginTests
{
    [Fact]
    public async Task OwnCluster_LoginSeesEachStar_SurvivesAProvisioningAndAPause_IsReplacedAndEnds()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event(item: 1)], [Source.Song()]);
        var (app, name) = (cloud.App, cloud.Name);
        var first = await Login.MakeAsync(app.Http, name);
        await cloud.LoadAsync();
        await using var session = await first.OpenAsync();
        Assert.Equal(1, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await cloud.PutAsync("log_data/2018/11/more.json", Source.Event(item: 2, ts: 1541105930796));
        var load = await cloud.LoadAsync();
        Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        // Beyond what is published it sees nothing, and it writes nothing.
        foreach (var sql in new[]
        {
            "select count(*) from dwh_build.songplays", $"select count(*) from dwh_load_{load.Id - 1}.songplays", "delete from songplays", "create table dwh.mine (i int)",
            "create table public.mine (i int)", "create temporary table mine (i int)", $"alter user {new LocalNames(name).Reporter} password 'Mine1234'", "create user mine password 'Mine1234'",
        })
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => session.ExecuteAsync(sql));
            Assert.True(refused.SqlState is "42501" or "3F000", $"{sql}: {refused.SqlState} {refused.MessageText}");
        }

        var second = await Login.MakeAsync(app.Http, name);
        await Login.EndsAsync(session);
        Assert.StartsWith("28", (await first.RefusedAsync()).SqlState, StringComparison.Ordinal);
        await RunAsync(app, name, RunKind.Provision);
        await using var again = await second.OpenAsync();
        Assert.Equal(2, await again.ExecuteScalarAsync<long>("select count(*) from songplays"));
        Assert.Equal(
            "30min", await again.ExecuteScalarAsync<string>("select current_setting('statement_timeout')"));

        await RunAsync(app, name, RunKind.Pause);
        var paused = await app.Http.PostAsync($"/api/v1/warehouses/{name}/connect/login", null);
        Assert.Contains("paused", await OtherCluster.DetailAsync(paused), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/v1/warehouses/{name}/connect/login")).StatusCode);
        var ending = await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins");
        Assert.Equal("ending", ending[0].GetProperty("state").GetString());
        await RunAsync(app, name, RunKind.Resume);
        Assert.StartsWith("28", (await second.RefusedAsync()).SqlState, StringComparison.Ordinal);
        Assert.Equal(0, (await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins")).GetArrayLength());

        await Login.MakeAsync(app.Http, name);
        await using var store = new NpgsqlConnection(app.Store);
        // The simulator's databases lie beside those of local warehouses, whose logins have no business there.
        var simulated = (await store.QueryAsync<bool>(
            "select datacl is null or array_to_string(datacl, ' ') ~ '(^| )=[a-zA-Z]*c' from pg_database where starts_with(datname, 'sim_')")).AsList();
        Assert.NotEmpty(simulated);
        Assert.DoesNotContain(true, simulated);
        await RunAsync(app, name, RunKind.Teardown);
        Assert.Equal(0, await store.ExecuteScalarAsync<long>("select count(*) from personal_logins"));
        Assert.Equal(0, await store.ExecuteScalarAsync<long>("select count(*) from resources where removed_at is null"));
    }

    [Fact]
    public async Task OwnCluster_AUserThatNobodyKnowsOf_GoesWithTheNextProvisioning()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()]);
        var login = await Login.MakeAsync(cloud.App.Http, cloud.Name);
        await using (var store = new NpgsqlConnection(cloud.App.Store))
        {
            await store.ExecuteAsync("delete from personal_logins"); // as on a cluster that was restored from a snapshot
        }

        await RunAsync(cloud.App, cloud.Name, RunKind.Provision);

        Assert.StartsWith("28", (await login.RefusedAsync()).SqlState, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OwnCluster_WhoseWarehouseIsNotAvailable_AnswersAllTheSame_SoTheLoginIsRemovedAtOnce()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()]);
        var login = await Login.MakeAsync(cloud.App.Http, cloud.Name);
        await using var session = await login.OpenAsync();
        await using (var store = new NpgsqlConnection(cloud.App.Store))
        {
            await store.ExecuteAsync("update warehouses set state = 'defined'"); // as while it is provisioned again, or torn down
        }

        var removed = await cloud.App.Http.DeleteAsync($"/api/v1/warehouses/{cloud.Name}/connect/login");

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        await Login.EndsAsync(session);
        Assert.StartsWith("28", (await login.RefusedAsync()).SqlState, StringComparison.Ordinal);
        Assert.Equal(0, (await cloud.App.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins")).GetArrayLength());
    }

    [Fact]
    public async Task OwnCluster_LoginThatGaveRightsAwayByDefault_IsRemoved_AndHoldsUpNoRun()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()]);
        var (app, name) = (cloud.App, cloud.Name);
        string[] given =
        [
            "alter default privileges grant select on tables to public", "alter default privileges revoke all on tables from {self}",
            "alter default privileges in schema dwh grant select, insert on tables to group {readers}",
            "alter default privileges in schema dwh grant select on tables to {reporter}", "alter default privileges revoke execute on functions from public",
        ];
        var first = await Login.MakeAsync(app.Http, name);
        await GiveAsync(first);

        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/v1/warehouses/{name}/connect/login")).StatusCode);

        Assert.StartsWith("28", (await first.RefusedAsync()).SqlState, StringComparison.Ordinal);
        Assert.Equal(0, (await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins")).GetArrayLength());
        // One that nobody knows of, and that was granted something by hand: it cannot be dropped, and holds up nobody.
        var second = await Login.MakeAsync(app.Http, name);
        await GiveAsync(second);
        var kept = await Login.MakeAsync(app.Http, name);
        await using (var loader = await cloud.OpenAloneAsync(WarehouseRole.Loader))
        {
            await loader.ExecuteAsync($"grant usage on schema dwh_build to {kept.User}");
        }

        await using (var store = new NpgsqlConnection(app.Store))
        {
            await store.ExecuteAsync("update personal_logins set state = 'ending'");
        }

        var run = await app.RunAsync(name, RunKind.Provision);

        Assert.True(run.State == RunState.Succeeded, run.Error);
        Assert.StartsWith("28", (await kept.RefusedAsync()).SqlState, StringComparison.Ordinal);
        var left = (await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins"))[0];
        Assert.Contains("granted something by hand", left.GetProperty("said").GetString(), StringComparison.Ordinal);

        async Task GiveAsync(Login login)
        {
            await using var session = await login.OpenAsync();
            foreach (var statement in given)
            {
                await session.ExecuteAsync(statement.Replace("{self}", login.User, StringComparison.Ordinal)
                    .Replace("{readers}", new LocalNames(name).Readers, StringComparison.Ordinal)
                    .Replace("{reporter}", new LocalNames(name).Reporter, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task OwnCluster_PausedInTheMiddleOfMakingALogin_LeavesNone()
    {
        var slow = new SlowTarget();
        await using var cloud = await CloudWarehouse.ProvisionAsync(
            [Source.Event()], [Source.Song()],
            services: services => services.AddSingleton<IPersonalLoginTarget>(
                all => slow.On(all.GetRequiredService<ClusterPersonalLogins>())));
        var (app, name) = (cloud.App, cloud.Name);

        var making = app.Http.PostAsync($"/api/v1/warehouses/{name}/connect/login", null);
        await slow.Begun;
        await RunAsync(app, name, RunKind.Pause);
        slow.GoOn();

        var answer = await making;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith(
            $"The cluster of '{name}' did not do what it was asked to", await OtherCluster.DetailAsync(answer), StringComparison.Ordinal);
        await RunAsync(app, name, RunKind.Resume);
        Assert.Equal(0, (await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins")).GetArrayLength());
        await using var loader = await cloud.OpenAloneAsync(WarehouseRole.Loader);
        Assert.Equal(
            [new LocalNames(name).Loader, new LocalNames(name).Reporter],
            await loader.QueryAsync<string>("select usename::varchar from pg_user where usename ~ @name order by usename", new { name }));
        Assert.NotNull(await Login.MakeAsync(app.Http, name));
    }

    [Fact]
    public async Task ExistingCluster_GroupThatSomebodyDropped_IsMadeAgainByTheNextProvisioning()
    {
        await using var other = await OtherCluster.StartAsync();
        var name = await other.ProvisionAsync(other.Existing(), other.Password);
        await other.RunAsync(name, RunKind.Load);
        var login = await Login.MakeAsync(other.Http, name);
        var (readers, loader) = (new LocalNames(name).Readers, new LocalNames(name).Loader);
        await other.ExecuteAsync(
            $"alter default privileges for user {loader} in schema dwh revoke all on tables from group {readers}",
            $"revoke all on all tables in schema dwh from group {readers}", $"revoke all on schema dwh from group {readers}",
            $"drop group {readers}");
        await using var session = await login.OpenAsync();
        const string Count = "select count(*) from dwh.songplays";
        await Assert.ThrowsAsync<PostgresException>(() => session.ExecuteScalarAsync<long>(Count));

        await other.RunAsync(name, RunKind.Provision);

        Assert.Equal(1, await session.ExecuteScalarAsync<long>(Count));
        await other.RunAsync(name, RunKind.Load);
        Assert.Equal(1, await session.ExecuteScalarAsync<long>(Count));
        await other.RunAsync(name, RunKind.Teardown);
        Assert.DoesNotContain(readers, await other.RowsAsync("select groname::varchar from pg_group"));
    }

    [Fact]
    public async Task ExistingCluster_ThatDoesNotLetUsIn_KeepsTheLogin_AndWhoeverRemovesItIsTold()
    {
        await using var other = await OtherCluster.StartAsync();
        var name = await other.ProvisionAsync(other.Existing(), other.Password);
        var login = await Login.MakeAsync(other.Http, name);
        await other.ExecuteAsync($"alter user {OtherCluster.Master} password 'Another1234'");

        var removed = await other.Http.DeleteAsync($"/api/v1/warehouses/{name}/connect/login");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, removed.StatusCode);
        Assert.Contains("tried again each minute", await OtherCluster.DetailAsync(removed), StringComparison.Ordinal);
        await using var session = await login.OpenAsync();
        var listed = (await other.Http.GetFromJsonAsync<JsonElement>("/api/v1/logins"))[0];
        Assert.Contains("tried again each minute", listed.GetProperty("said").GetString(), StringComparison.Ordinal);
    }

    [PythonFact("psql")]
    public async Task Line_ForPsql_ReachesTheSimulatedCluster()
    {
        await using var cloud = await CloudWarehouse.ProvisionAsync([Source.Event()], [Source.Song()]);
        await cloud.LoadAsync();
        var login = await Login.MakeAsync(cloud.App.Http, cloud.Name);

        var (_, output) = await OutsideProgram.RunAsync(
            "/bin/sh", ["-c", $"{login.Line("psql")} -w -At -c 'select count(*) from songplays'"], [new("PGPASSWORD", login.Password)]);

        Assert.Equal("1", output.Trim());
        Assert.Equal(JsonValueKind.Null, login.Connect.GetProperty("queryEditor").ValueKind);
        Assert.StartsWith("jdbc:redshift://", login.Line("jdbc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExistingCluster_LoginIsMade_AndTornDownWithProof_AndOneLoginMakesNone()
    {
        await using var other = await OtherCluster.StartAsync();
        var before = await other.ListAsync();
        var groups = await other.RowsAsync("select groname::varchar from pg_group");
        var name = await other.ProvisionAsync(other.Existing(), other.Password);
        await other.RunAsync(name, RunKind.Load);
        var login = await Login.MakeAsync(other.Http, name);
        await using var session = await login.OpenAsync();
        Assert.Equal(1, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await other.RunAsync(name, RunKind.Load);
        Assert.Equal(1, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await other.RunAsync(name, RunKind.Provision);
        Assert.Equal(1, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await session.ExecuteAsync("alter default privileges grant select on tables to public");
        var preview = await other.Bench.GetAsync($"/api/v1/warehouses/{name}/teardown");
        Assert.Contains(login.User, preview.GetProperty("destroys").ToString(), StringComparison.Ordinal);

        await other.RunAsync(name, RunKind.Teardown);

        await Login.EndsAsync(session);
        Assert.Equal(before, await other.ListAsync());
        Assert.Equal(groups, await other.RowsAsync("select groname::varchar from pg_group"));

        var password = await other.UserAsync("etl", "create", "temporary");
        var alone = await other.ProvisionAsync(other.Existing("etl"), password);
        var connect = await other.Bench.GetAsync($"/api/v1/warehouses/{alone}/connect");
        Assert.True(connect.GetProperty("ownLoginsOnly").GetBoolean());
        Assert.Contains("no separate reader", connect.GetProperty("hindrance").GetString(), StringComparison.Ordinal);
        Assert.Equal(other.Cluster.Port, connect.GetProperty("ways")[0].GetProperty("port").GetInt32());
        var refused = await other.Http.PostAsync($"/api/v1/warehouses/{alone}/connect/login", null);
        Assert.Contains("no separate reader", await OtherCluster.DetailAsync(refused), StringComparison.Ordinal);
        await other.RunAsync(alone, RunKind.Teardown);
    }

    private static async Task RunAsync(TestApp app, string name, RunKind kind)
    {
        var run = await app.RunAsync(name, kind);
        Assert.True(run.State == RunState.Succeeded, run.Error);
    }

    // Waits before it tells the cluster of the first login.
    private sealed class SlowTarget : IPersonalLoginTarget
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private IPersonalLoginTarget _real = null!;

        public Task Begun => _begun.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public WarehouseTarget Target => WarehouseTarget.Redshift;

        public SlowTarget On(IPersonalLoginTarget real)
        {
            _real = real;
            return this;
        }

        public void GoOn() => _goOn.SetResult();

        public Task<string?> HindranceAsync(Warehouse warehouse, CancellationToken ct) => _real.HindranceAsync(warehouse, ct);

        public Task GiveAsync(Warehouse warehouse, string user, string password, Action given, CancellationToken ct) => _real.GiveAsync(
            warehouse, user, password, () =>
            {
                given();
                _begun.TrySetResult();
                _goOn.Task.WaitAsync(TimeSpan.FromSeconds(60), ct).GetAwaiter().GetResult();
            }, ct);

        public Task<string?> EndAsync(Warehouse warehouse, string user, CancellationToken ct) => _real.EndAsync(warehouse, user, ct);
    }
}
