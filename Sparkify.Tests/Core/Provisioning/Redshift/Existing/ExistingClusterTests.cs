using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Provisioning.Redshift.Existing;

/// <summary>Warehouses on a cluster that somebody else made: they have two schemas and two users, and touch nothing else of it.</summary>
public sealed class ExistingClusterTests : IAsyncLifetime
{
    private const string Sessions = "select process::varchar from stv_sessions where process <> pg_backend_pid()";

    private OtherCluster _other = null!;

    public async Task InitializeAsync() => _other = await OtherCluster.StartAsync();

    public async Task DisposeAsync() => await _other.DisposeAsync();

    [Fact]
    public async Task Superuser_ProvisionsLoadsAndTearsDown_AndTheClusterIsAsItWas()
    {
        var before = await _other.ListAsync();
        var name = await _other.ProvisionAsync(_other.Existing(), _other.Password);
        var stem = "sparkify_" + name.Replace('-', '_');

        await _other.RunAsync(name, RunKind.Load);
        await _other.RunAsync(name, RunKind.Load);

        Assert.Equal(
            ["schema dwh", "schema dwh_build", "schema dwh_load_2", $"user {stem}_loader", $"user {stem}_reporter"],
            (await _other.ListAsync()).Except(before).Where(static r => !r.StartsWith("table", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        var warehouse = await _other.Bench.GetAsync($"/api/v1/warehouses/{name}");
        Assert.False(warehouse.GetProperty("oneLogin").GetBoolean());
        Assert.Equal("nothing", warehouse.GetProperty("redshift").GetProperty("whenIdle").GetString());
        Assert.Equal(["1"], await QueryAsync(name, "select count(*) from songplays"));
        var preview = await _other.Bench.GetAsync($"/api/v1/warehouses/{name}/teardown");
        Assert.Equal(5, preview.GetProperty("destroys").GetArrayLength());
        Assert.Contains("runs on", preview.GetProperty("keeps")[0].GetProperty("detail").GetString(), StringComparison.Ordinal);

        await _other.RunAsync(name, RunKind.Teardown);

        Assert.Equal(before, await _other.ListAsync());
        Assert.Equal(["7"], await _other.RowsAsync("select id::varchar from theirs.plays"));
        Assert.Equal("available", (await _other.Bench.Aws.Redshift.FindClusterAsync("dwh", CancellationToken.None))!.Status);
        Assert.Equal("removed", (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task NoSuperuser_DoesEverythingItself_AndReadsWithoutWriting()
    {
        var password = await _other.UserAsync("etl", "create", "temporary");
        var before = await _other.ListAsync();
        var name = await _other.ProvisionAsync(_other.Existing("etl"), password);

        await _other.RunAsync(name, RunKind.Load);
        await _other.RunAsync(name, RunKind.Load);

        var warehouse = await _other.Bench.GetAsync($"/api/v1/warehouses/{name}");
        Assert.True(warehouse.GetProperty("oneLogin").GetBoolean());
        Assert.Equal(["1"], await QueryAsync(name, "select count(*) from songplays"));
        Assert.Contains("and not DELETE", await RefusedAsync(name, "delete from songplays"), StringComparison.Ordinal);
        Assert.Contains("and not CREATE", await RefusedAsync(name, "create table dwh.mine (id integer)"), StringComparison.Ordinal);
        // What writes though it begins like a query meets the transaction.
        Assert.Contains("read-only transaction", await RefusedAsync(name, "select 1 as id into dwh.mine"), StringComparison.Ordinal);
        var report = await _other.Bench.GetAsync($"/api/v1/warehouses/{name}/reports/top-songs");
        Assert.Equal(1, report.GetProperty("rows").GetArrayLength());
        Assert.DoesNotContain(await _other.ListAsync(), static r => r.StartsWith("user sparkify", StringComparison.Ordinal));
        var rotate = await _other.Http.PostAsync($"/api/v1/warehouses/{name}/passwords", null);
        Assert.Contains("no roles of its own", await OtherCluster.DetailAsync(rotate), StringComparison.Ordinal);

        await _other.RunAsync(name, RunKind.Teardown);

        Assert.Equal(before, await _other.ListAsync());
    }

    [Theory]
    [InlineData("temporary", "may not create schemas in the database dev")]
    [InlineData("create", "may not create temporary tables in the database dev")]
    public async Task Right_ThatIsLacking_IsSaidWithItsGrant_AndNothingIsMade(string granted, string sentence)
    {
        await _other.ExecuteAsync("revoke temporary on database dev from public");
        var password = await _other.UserAsync("etl", granted);
        var before = await _other.ListAsync();

        var (_, answer) = await _other.DescribeAsync(_other.Existing("etl"), password);
        var test = await TestAsync(_other.Existing("etl"), password);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var said = await OtherCluster.DetailAsync(answer);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.Contains("on database \"dev\" to \"etl\";", said, StringComparison.Ordinal);
        Assert.Contains(test.GetProperty("problems").EnumerateArray(), p => p.GetString()!.Contains(sentence, StringComparison.Ordinal));
        Assert.Equal(before, await _other.ListAsync());
    }

    [Fact]
    public async Task Role_ThatCannotBeUsed_IsSaid_AndNothingIsMade()
    {
        var before = await _other.ListAsync();
        var stranger = _other.Role.Replace("dwhRole", "strangers", StringComparison.Ordinal);
        var (name, described) = await _other.DescribeAsync(_other.Existing(role: stranger), _other.Password);
        Assert.True(described.IsSuccessStatusCode, await described.Content.ReadAsStringAsync());

        var test = await TestAsync(_other.Existing(role: stranger), _other.Password);
        var run = await _other.Bench.App.RunAsync(name, RunKind.Provision);

        Assert.False(test.GetProperty("role").GetBoolean());
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains($"The role {stranger} cannot be used by the cluster. Have it attached", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await _other.ListAsync());
        Assert.Empty(await _other.StagedAsync());
    }

    [Fact]
    public async Task Role_ThatMayNotReadTheStagingLocation_IsSaid_AndNothingIsMade()
    {
        await _other.ReadOnlyAsync("song_data/*", "log_data/*");

        var test = await TestAsync(_other.Existing(), _other.Password);

        Assert.Contains("may not read s3://music/song_data/ or s3://music/sparkify-staging/", test.GetProperty("problems")[0].GetString(), StringComparison.Ordinal);
        Assert.Empty(await _other.StagedAsync());
    }

    [Fact]
    public async Task StagingLocation_InAnotherRegionThanTheSongs_IsSaid_AndNothingIsMade()
    {
        _other.Bench.Simulator.CreateBucket("far", "eu-central-1");

        var test = await TestAsync(_other.Existing(staging: "s3://far/"), _other.Password);

        Assert.Equal(
            "s3://music/song_data/ is in us-west-2, and the staging location s3://far/ in eu-central-1; a COPY reads from one region only. Give the warehouse a staging location in a bucket of the same region.",
            test.GetProperty("problems")[0].GetString());
        Assert.Empty(await _other.Bench.Aws.S3.ListAsync("far", "", CancellationToken.None).ToListAsync());
    }

    [Fact]
    public async Task Login_ThatIsRefused_IsSaid_AndTheWarehouseIsNotMade()
    {
        var (name, answer) = await _other.DescribeAsync(_other.Existing(), "wrong");

        Assert.Contains("refuses the user 'awsuser'", await OtherCluster.DetailAsync(answer), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _other.Http.GetAsync($"/api/v1/warehouses/{name}")).StatusCode);
    }

    [Fact]
    public async Task Schema_OfSomebodyElse_IsRefusedAndLeftAlone()
    {
        var (_, unmarked) = await _other.DescribeAsync(_other.Existing(), _other.Password, schema: "theirs");
        Assert.Equal(HttpStatusCode.Conflict, unmarked.StatusCode);
        Assert.Contains("already has a schema named 'theirs'", await OtherCluster.DetailAsync(unmarked), StringComparison.Ordinal);

        var first = await _other.ProvisionAsync(_other.Existing(), _other.Password);
        var (_, another) = await _other.DescribeAsync(_other.Existing(), _other.Password);

        Assert.Contains(
            $"its mark names the warehouse '{first}'", await OtherCluster.DetailAsync(another), StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_OfSomebodyElse_OnTheStar_KeepsTheTeardownFromDroppingIt()
    {
        var name = await _other.ProvisionAsync(_other.Existing(), _other.Password);
        await _other.RunAsync(name, RunKind.Load);
        await _other.ExecuteAsync("create view theirs.hits as select song_id from dwh.songplays");

        var refused = await _other.Bench.App.RunAsync(name, RunKind.Teardown);

        Assert.Equal(RunState.Failed, refused.State);
        Assert.Contains("theirs.hits reads from the schema dwh and would be dropped with it", refused.Error, StringComparison.Ordinal);
        await _other.ExecuteAsync("drop view theirs.hits");
        await _other.RunAsync(name, RunKind.Teardown);
        Assert.DoesNotContain("schema dwh", await _other.ListAsync());
    }

    [Fact]
    public async Task Login_ThatMayNotSeeWhatAnotherMade_TearsNothingDown_AndProvesNothing()
    {
        var password = await _other.UserAsync("etl", "create", "temporary");
        var name = await _other.ProvisionAsync(_other.Existing("etl"), password);
        await _other.UserAsync("stranger", "create", "temporary");
        await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = _other.Existing("stranger") });
        await _other.Http.PutAsJsonAsync($"/api/v1/warehouses/{name}/login", new { password });

        var refused = await _other.Bench.App.RunAsync(name, RunKind.Teardown);

        Assert.Equal(RunState.Failed, refused.State);
        Assert.Contains("may not look into the schema dwh", refused.Error, StringComparison.Ordinal);
        Assert.Contains("schema dwh", await _other.ListAsync());
        Assert.NotEqual("removed", (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task OneLogin_IsLookedAtAnew_AfterATeardown()
    {
        var password = await _other.UserAsync("etl", "create", "temporary");
        var name = await _other.ProvisionAsync(_other.Existing("etl"), password);
        await _other.RunAsync(name, RunKind.Teardown);

        await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = _other.Existing() });
        await _other.Http.PutAsJsonAsync($"/api/v1/warehouses/{name}/login", new { password = _other.Password });
        await _other.RunAsync(name, RunKind.Provision);

        Assert.False((await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetProperty("oneLogin").GetBoolean());
        await _other.RunAsync(name, RunKind.Load);
        await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = _other.Existing("etl") });
        await _other.Http.PutAsJsonAsync($"/api/v1/warehouses/{name}/login", new { password });
        var lesser = await _other.Bench.App.RunAsync(name, RunKind.Teardown);
        Assert.Contains("Give the login of a superuser", lesser.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Password_IsSentNowhereElse_ThanWhereItBelongs()
    {
        var (_, simulated) = await _other.DescribeAsync(
            new { existing = new { host = "dwh.abc.us-west-2.redshift.amazonaws.com", user = "awsuser" } }, "secret");
        Assert.Contains("nothing is sent there", await OtherCluster.DetailAsync(simulated), StringComparison.Ordinal);

        // As whom AWS gives out a password for another cluster.
        var (_, unknown) = await _other.DescribeAsync(
            new { existing = new { host = "127.0.0.1", port = 1, user = "awsuser", login = "Iam", cluster = "nobodys" } }, password: null);
        Assert.Contains("AWS knows no cluster nobodys", await OtherCluster.DetailAsync(unknown), StringComparison.Ordinal);
    }

    [Fact]
    public async Task IamLogin_NeedsNoPassword_AlsoWhereItDoesEverythingItself()
    {
        await _other.UserAsync("etl", "create", "temporary");
        var before = await _other.ListAsync();
        var name = await _other.ProvisionAsync(_other.Existing("etl", login: "Iam"), password: null);

        await _other.RunAsync(name, RunKind.Load);

        Assert.Equal(["1"], await QueryAsync(name, "select count(*) from songplays"));
        // One that has ended before its time is asked for anew, by whoever comes first.
        _other.Bench.Simulator.ForgetTemporaryLogins();
        Assert.Equal(["1"], await QueryAsync(name, "(select count(*) from songplays)"));
        _other.Bench.Simulator.ForgetTemporaryLogins();
        await _other.RunAsync(name, RunKind.Load);
        _other.Bench.Simulator.ForgetTemporaryLogins();
        await _other.RunAsync(name, RunKind.Teardown);
        Assert.Equal(before, await _other.ListAsync());
    }

    [Fact]
    public async Task Role_ThatTheLoginMayUseAndTheLoaderMayNot_IsSaid_BeforeALoadFindsOut()
    {
        var (name, answer) = await _other.DescribeAsync(_other.Existing(), _other.Password);
        Assert.True(answer.IsSuccessStatusCode);
        _other.Bench.Simulator.Faults.FailNextStatement("copy sparkify_loader_trial", "42501", "permission denied for role", detail: null);
        var run = await _other.Bench.App.RunAsync(name, RunKind.Provision);
        Assert.Equal(RunState.Failed, run.State);
        Assert.Contains(
            $"grant assumerole on '{_other.Role}' to \"{new LocalNames(name).Loader}\" for copy;", run.Error, StringComparison.Ordinal);
        await _other.Bench.App.Services.GetRequiredService<IRuns>().RetryAsync(run.Id, Actor.System, default);
        Assert.Equal(RunState.Succeeded, (await _other.Bench.App.EndAsync(run.Id)).State);
        Assert.Empty(await _other.StagedAsync());
    }

    [Fact]
    public async Task User_ThatSomebodyElseMadeInThePlaceOfOurs_IsLeftAlone()
    {
        var name = await _other.ProvisionAsync(_other.Existing(), _other.Password);
        var reporter = new LocalNames(name).Reporter;
        await _other.RunAsync(name, RunKind.Provision); // by its number it is known again
        await _other.ExecuteAsync(
            $"alter default privileges for user {new LocalNames(name).Loader} in schema dwh revoke select on tables from {reporter}",
            $"revoke all on all tables in schema dwh from {reporter}", $"revoke all on schema dwh from {reporter}",
            $"drop user {reporter}", $"create user {reporter} password 'Theirs-Passw0rd'");

        var again = await _other.Bench.App.RunAsync(name, RunKind.Provision);
        Assert.Equal(RunState.Failed, again.State);
        Assert.Contains("somebody else made it, after the one this warehouse had was dropped", again.Error, StringComparison.Ordinal);
        await _other.RunAsync(name, RunKind.Teardown);
        Assert.Contains($"user {reporter}", await _other.ListAsync());
    }

    [Fact]
    public async Task OneLogin_IsSentNothingThatWritesBesideATransaction()
    {
        var name = await _other.ProvisionAsync(
            _other.Existing("etl"), await _other.UserAsync("etl", "create", "temporary"));
        foreach (var sql in (string[])["unload ('select 1') to 's3://music/out/'", "-- harmless\n/* select */ CALL theirs.p()", "commit"])
        {
            Assert.Contains("This warehouse has no separate reader", await RefusedAsync(name, sql), StringComparison.Ordinal);
            using var csv = await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/queries?format=csv", new { sql });
            Assert.Equal(HttpStatusCode.BadRequest, csv.StatusCode);
        }

        Assert.Equal(["2"], await QueryAsync(name, "/* two */ with n as (select 2) select * from n"));
    }

    [Fact]
    public async Task Password_IsKeptUnreadable_IsReplaced_AndGoesNowhereElse()
    {
        var password = await _other.UserAsync("etl", "create", "temporary");
        var name = await _other.ProvisionAsync(_other.Existing("etl"), password);

        Assert.DoesNotContain(password, await _other.Bench.StoreDumpAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(password, _other.Bench.Logs.All, StringComparison.Ordinal);
        Assert.DoesNotContain(
            password, (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetRawText(), StringComparison.Ordinal);

        await _other.ExecuteAsync("alter user etl password 'Another-Passw0rd'");
        var stale = await _other.Bench.App.RunAsync(name, RunKind.Load);
        Assert.Equal(RunState.Failed, stale.State);
        var given = await _other.Http.PutAsJsonAsync($"/api/v1/warehouses/{name}/login", new { password = "Another-Passw0rd" });
        Assert.Equal(HttpStatusCode.NoContent, given.StatusCode);
        await _other.RunAsync(name, RunKind.Load);

        // Encrypted with a new key it opens on.
        Assert.True((await _other.Http.PostAsync("/api/v1/secrets/connections", null)).IsSuccessStatusCode);
        await _other.RunAsync(name, RunKind.Load);

        // As another user, nobody is sent it.
        var patched = await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = _other.Existing("somebody") });
        Assert.True(patched.IsSuccessStatusCode, await patched.Content.ReadAsStringAsync());
        Assert.False((await patched.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("hasPassword").GetBoolean());

        // Elsewhere, what it owns would be lost from sight.
        var moved = await _other.Http.PatchAsJsonAsync(
            $"/api/v1/warehouses/{name}",
            new { redshift = new { existing = new { host = "127.0.0.1", port = 1, database = "dev", user = "etl" } } });
        Assert.Contains("cannot move to another cluster", await OtherCluster.DetailAsync(moved), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_ThatIsNotOurs_IsNeitherPausedNorMeteredNorExported()
    {
        var name = await _other.ProvisionAsync(_other.Existing(), _other.Password);

        foreach (var refused in (HttpResponseMessage[])
        [
            await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "pause" }),
            await _other.Http.GetAsync($"/api/v1/warehouses/{name}/cost"),
            await _other.Http.PostAsync($"/api/v1/warehouses/{name}/master-password", null),
            await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/guard", new { hours = 2 }),
            await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/chains", new { end = "pause" }),
        ])
        {
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Contains("somebody else's", await OtherCluster.DetailAsync(refused), StringComparison.Ordinal);
        }

        var patched = await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = new { whenIdle = "Pause" } });
        Assert.Contains("is not paused unless its settings say that it may be (pausable)", await OtherCluster.DetailAsync(patched), StringComparison.Ordinal);
        Assert.All(
            (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}/drift")).EnumerateArray(),
            static d => Assert.Equal("inStep", d.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task Cluster_ThatMayBePaused_IsPausedAndResumed_AndGuardedWhenAskedFor()
    {
        var name = await _other.ProvisionAsync(_other.Existing(pausable: true), _other.Password);
        await _other.RunAsync(name, RunKind.Load);
        Assert.Equal("nothing", (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetProperty("redshift").GetProperty("whenIdle").GetString());

        await _other.RunAsync(name, RunKind.Pause);

        Assert.Equal("paused", (await StatusAsync()).Status);
        Assert.Equal("paused", (await _other.Bench.GetAsync($"/api/v1/warehouses/{name}")).GetProperty("state").GetString());
        await _other.RunAsync(name, RunKind.Resume);
        Assert.Equal("available", (await StatusAsync()).Status);
        Assert.Equal(["1"], await QueryAsync(name, "select count(*) from songplays"));

        // The guard: off until somebody asks for it, and by what this warehouse does.
        Assert.Equal(JsonValueKind.Null, (await GuardAsync(name)).GetProperty("at").ValueKind);
        var guarded = await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = new { whenIdle = "Pause" } });
        Assert.True(guarded.IsSuccessStatusCode, await guarded.Content.ReadAsStringAsync());
        Assert.Equal(JsonValueKind.String, (await GuardAsync(name)).GetProperty("at").ValueKind);
        var teardown = await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = new { whenIdle = "Teardown" } });
        Assert.Contains("a guard that tears down", await OtherCluster.DetailAsync(teardown), StringComparison.Ordinal);
        var forbidden = await _other.Http.PatchAsJsonAsync($"/api/v1/warehouses/{name}", new { redshift = _other.Existing() });
        Assert.Contains("(pausable)", await OtherCluster.DetailAsync(forbidden), StringComparison.Ordinal);

        // A chain may end with it, and opens with what was paused.
        await _other.RunAsync(name, RunKind.Pause);
        var chain = await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/chains", new { end = "pause" });
        Assert.True(chain.IsSuccessStatusCode, await chain.Content.ReadAsStringAsync());
        await Eventually.BecomesAsync(
            () => _other.Bench.GetAsync($"/api/v1/warehouses/{name}/chains"),
            static chains => chains[0].GetProperty("state").GetString() == "succeeded");
        Assert.Equal(
            ["pause succeeded", "load succeeded", "resume succeeded"],
            (await _other.Bench.GetAsync($"/api/v1/runs?warehouse={name}")).GetProperty("items").EnumerateArray().Take(3)
                .Select(static r => $"{r.GetProperty("kind").GetString()} {r.GetProperty("state").GetString()}"));
        Assert.Equal("paused", (await StatusAsync()).Status);
        await _other.RunAsync(name, RunKind.Resume);
        await _other.RunAsync(name, RunKind.Teardown);
        Assert.Equal("available", (await StatusAsync()).Status);
    }

    [Fact]
    public async Task Cluster_ThatEndsOurSessionAsWeLook_IsNotTakenForTheApplicationsDatabase()
    {
        var name = await _other.ProvisionAsync(_other.Existing(), _other.Password);
        await using var holder = await _other.OpenAsync();
        foreach (var path in (string[])["drift", "teardown"])
        {
            await using var transaction = await holder.BeginTransactionAsync();
            await holder.ExecuteAsync("lock table dwh.sparkify_mark");
            var before = await _other.RowsAsync(Sessions);
            var asking = _other.Http.GetAsync($"/api/v1/warehouses/{name}/{path}");
            var ours = await Eventually.BecomesAsync(
                async () => (await _other.RowsAsync(Sessions)).Except(before, StringComparer.Ordinal).ToList(), static all => all is [_]);
            await _other.ExecuteAsync($"select pg_terminate_backend({ours[0]})");

            var answer = await asking;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.StartsWith(
                $"The cluster at {_other.Cluster.Host}:{_other.Cluster.Port} did not answer as it should", await OtherCluster.DetailAsync(answer),
                StringComparison.Ordinal);
            await transaction.RollbackAsync();
        }
    }

    [Fact]
    public async Task Config_OfAnExistingCluster_IsPostedBackAsItIs_AndSoIsEveryWarehouse()
    {
        using StringContent config = new(_other.Config);
        var imported = await _other.Http.PostAsync("/api/v1/imports/dwh-cfg", config);
        var text = await imported.Content.ReadAsStringAsync();
        Assert.DoesNotContain(_other.Password, text, StringComparison.Ordinal);
        var body = JsonNode.Parse(text)!.AsObject();
        body["simulated"] = true; // the one thing no such file says
        var first = await _other.Http.PostAsJsonAsync("/api/v1/warehouses", body);
        Assert.True(first.IsSuccessStatusCode, await first.Content.ReadAsStringAsync());
        var name = body["name"]!.GetValue<string>();

        // Without its password it is described, and says so when it is to be provisioned.
        var early = await _other.Bench.App.RunAsync(name, RunKind.Provision);
        Assert.Contains("There is no password for the user 'awsuser'", early.Error, StringComparison.Ordinal);
        await _other.Http.PutAsJsonAsync($"/api/v1/warehouses/{name}/login", new { password = _other.Password });
        await _other.RunAsync(name, RunKind.Provision);
        await _other.RunAsync(name, RunKind.Load);
        await _other.Bench.CreateAsync("own");
        await _other.Http.PostAsJsonAsync(
            "/api/v1/warehouses", new { name = "sample", source = new { sample = new { events = 100, songs = 5, days = 1 } } });

        var all = (await _other.Bench.GetAsync("/api/v1/warehouses")).EnumerateArray().ToList();
        Assert.Equal(3, all.Count);
        foreach (var one in all)
        {
            var copy = JsonNode.Parse(one.GetRawText())!.AsObject();
            copy["name"] = $"{copy["name"]}-2";
            var again = await _other.Http.PostAsJsonAsync("/api/v1/warehouses", copy);
            Assert.True(again.IsSuccessStatusCode, await again.Content.ReadAsStringAsync());
            var made = await again.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(one.GetProperty("redshift").ToString(), made.GetProperty("redshift").ToString());
            Assert.Equal(one.GetProperty("source").ToString(), made.GetProperty("source").ToString());
        }

        var unknown = await _other.Http.PostAsJsonAsync("/api/v1/warehouses", new { name = "x", source = "sample", rejects = 3 });
        Assert.Contains(
            "a field that this call does not know: rejects. There are: name, source", await OtherCluster.DetailAsync(unknown), StringComparison.Ordinal);
    }

    private async Task<JsonElement> TestAsync(object redshift, string password)
    {
        var answer = await _other.Http.PostAsJsonAsync(
            "/api/v1/redshift/logins/test",
            new { name = TestApp.NewName(), target = "redshift", source = SimulatedApp.Source, redshift, simulated = true, password });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<ClusterInfo> StatusAsync() => (await _other.Bench.Aws.Redshift.FindClusterAsync("dwh", CancellationToken.None))!;

    private Task<JsonElement> GuardAsync(string name) => _other.Bench.GetAsync($"/api/v1/warehouses/{name}/guard");

    private async Task<IReadOnlyList<string>> QueryAsync(string name, string sql)
    {
        var answer = await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/queries", new { sql });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var rows = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("rows");
        return [.. rows.EnumerateArray().Select(static r => r[0].ToString())];
    }

    private async Task<string> RefusedAsync(string name, string sql) =>
        await (await _other.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/queries", new { sql })).Content.ReadAsStringAsync();
}
