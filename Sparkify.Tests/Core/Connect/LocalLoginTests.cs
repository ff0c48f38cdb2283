using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Connect;

/// <summary>People's own logins into local warehouses, on a real server.</summary>
public sealed class LocalLoginTests : IDisposable
{
    private const string Logins = "/api/v1/logins";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Login_SeesEachStarAtOnce_AndNoneOfBefore_UntilTheTeardownThatLeavesNoneOfIt()
    {
        var app = await TestApp.StartAsync(arguments: ["--Sparkify:Load:KeptStars", "3"]);
        await using var _ = app;
        var name = TestApp.NewName();
        await app.CreateAsync(name, Write(plays: 3));
        Assert.Contains("provision", await DetailAsync(await app.Http.PostAsync(Path(name, "/login"), null)), StringComparison.Ordinal);
        var before = await app.Http.GetFromJsonAsync<JsonElement>(Path(name));
        Assert.Contains("provision", before.GetProperty("hindrance").GetString(), StringComparison.Ordinal);
        await SucceedAsync(app, name, RunKind.Provision);
        var login = await Login.MakeAsync(app.Http, name);
        await using var session = await login.OpenAsync();

        // The very first star comes when the login is there already; the same session sees each.
        var first = await SucceedAsync(app, name, RunKind.Load);
        Assert.Equal(3, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        Write(plays: 5);
        await SucceedAsync(app, name, RunKind.Load);
        Assert.Equal(5, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await DeniedAsync(session, $"select count(*) from dwh_load_{first.Id}.songplays");
        Write(plays: 6);
        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Load, LoadMode.Incremental)).State);
        Assert.Equal(6, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        var back = await app.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "putback", star = first.Id });
        Assert.True(back.IsSuccessStatusCode, await back.Content.ReadAsStringAsync());
        await app.EndAsync((await back.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());
        Assert.Equal(3, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));

        // What the reporter may read, the login may, and nothing beyond it.
        const string Readable = "select relnamespace::regnamespace || '.' || relname from pg_class where relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema') and has_schema_privilege(@role, relnamespace, 'usage') and has_table_privilege(@role, oid, 'select') order by 1";
        await using var administrator = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(app.Store) { Database = new LocalNames(name).Database, Pooling = false }.ConnectionString);
        var reporter = (await administrator.QueryAsync<string>(Readable, new { role = new LocalNames(name).Reporter })).AsList();
        Assert.NotEmpty(reporter);
        Assert.Equal(reporter, await administrator.QueryAsync<string>(Readable, new { role = login.User }));
        await administrator.CloseAsync();

        // Another provisioning changes nothing about it.
        await SucceedAsync(app, name, RunKind.Provision);
        await using (var again = await login.OpenAsync())
        {
            Assert.Equal(3, await again.ExecuteScalarAsync<long>("select count(*) from songplays"));
        }

        var torn = await SucceedAsync(app, name, RunKind.Teardown);
        Assert.Contains("0 roles left", torn.Steps[^1].Message, StringComparison.Ordinal);
        await using var store = new NpgsqlConnection(app.Store);
        Assert.Equal(
            0, await store.ExecuteScalarAsync<long>(
                "select count(*) from pg_roles where starts_with(rolname, @stem)", new { stem = new LocalNames(name).Database }));
        Assert.Equal(0, await store.ExecuteScalarAsync<long>("select count(*) from personal_logins"));
        Assert.Equal(
            0, await store.ExecuteScalarAsync<long>("select count(*) from resources where removed_at is null"));
        Assert.Equal(HttpStatusCode.NoContent, (await app.Http.DeleteAsync($"/api/v1/warehouses/{name}")).StatusCode);
    }

    [Fact]
    public async Task Login_OfAWarehouseThatIsLoadedAlready_IsReplaced_AndRemoved_AndOldOnesAreRefusedAtOnce()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 2));
        await warehouse.LoadAsync();
        var http = warehouse.App.Http;
        var first = await Login.MakeAsync(http, warehouse.Name);
        await using var open = await first.OpenAsync();
        Assert.Equal(2, await open.ExecuteScalarAsync<long>("select count(*) from songplays"));

        var second = await Login.MakeAsync(http, warehouse.Name);

        Assert.Equal(first.User, second.User);
        Assert.NotEqual(first.Password, second.Password);
        await Login.EndsAsync(open);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await first.RefusedAsync()).SqlState);
        await using var session = await second.OpenAsync();
        Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        var listed = (await http.GetFromJsonAsync<JsonElement>(Logins))[0];
        Assert.Equal(("local administrator", second.User, "good"), (
            listed.GetProperty("person").GetString(), listed.GetProperty("user").GetString(), listed.GetProperty("state").GetString()));
        Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("replacedAt").ValueKind);
        await using (var store = new NpgsqlConnection(warehouse.App.Store))
        {
            var dump = string.Join('\n', await store.QueryAsync<string>("select l::text from personal_logins l union all select a::text from audit a"));
            Assert.Contains(second.User, dump, StringComparison.Ordinal);
            Assert.DoesNotContain(second.Password, dump, StringComparison.Ordinal);
            Assert.Equal(2, await store.ExecuteScalarAsync<long>("select count(*) from audit where what = 'connect.make' and warehouse = @Name", new { warehouse.Name }));
        }

        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync(Path(warehouse.Name, "/login"))).StatusCode);

        await Login.EndsAsync(session);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await second.RefusedAsync()).SqlState);
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync(Path(warehouse.Name, "/login"))).StatusCode);
        var third = await Login.MakeAsync(http, warehouse.Name);
        Assert.NotEqual(first.User, third.User);
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync($"{Logins}/4711")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"{Logins}/{third.Id}")).StatusCode);
        Assert.Equal(PostgresErrorCodes.InvalidPassword, (await third.RefusedAsync()).SqlState);
    }

    [Fact]
    public async Task Login_ThatHoldsTheOldStar_DoesNotKeepANewOneFromItsReaders()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(
            Write(plays: 2), arguments: ["--Sparkify:Load:ReaderPatience", "00:00:01"]);
        await warehouse.LoadAsync();
        await using var session = await (await Login.MakeAsync(warehouse.App.Http, warehouse.Name)).OpenAsync();
        await session.ExecuteAsync("begin; lock table songplays in access share mode; set idle_in_transaction_session_timeout = 0");
        Write(plays: 4);

        await warehouse.LoadAsync();

        await Login.EndsAsync(session);
    }

    [Fact]
    public async Task Making_ThatWasBrokenOff_IsTakenBackByTheNextStart()
    {
        var app = await TestApp.StartAsync();
        var warehouse = await LoadedWarehouse.ProvisionAsync(app, await CreatedAsync(app));
        var described = await app.Services.GetRequiredService<IWarehouses>().GetAsync(warehouse.Name, default);
        var login = await app.Services.GetRequiredService<PersonalLoginBook>().BeginAsync(
            described, "ann", DateTimeOffset.UtcNow, default);
        await app.Services.GetServices<IPersonalLoginTarget>().Single(static t => t.Target == WarehouseTarget.Local)
            .GiveAsync(described, login.User, "0123456789abcdef", static () => { }, default);
        Assert.True(await HasRoleAsync(app, login.User)); // killed here
        await app.StopAsync();

        await using var again = await TestApp.StartAsync(app);

        await Eventually.BecomesAsync(() => HasRoleAsync(again, login.User), static there => !there);
        await Eventually.BecomesAsync(
            () => again.Http.GetFromJsonAsync<JsonElement>(Logins), static all => all.GetArrayLength() == 0);
        Assert.Equal(RunState.Succeeded, (await again.RunAsync(warehouse.Name, RunKind.Teardown)).State);
    }

    [Fact]
    public async Task Login_ThatARestoredStoreDoesNotKnow_EndsWithTheNextStart_AndOneThatLostItsReadersHasThemAgain()
    {
        var app = await TestApp.StartAsync();
        var warehouse = await LoadedWarehouse.ProvisionAsync(app, await CreatedAsync(app));
        await warehouse.LoadAsync();
        var lost = await Login.MakeAsync(app.Http, warehouse.Name);
        await using var store = new NpgsqlConnection(app.Store);
        await store.ExecuteAsync("delete from personal_logins"); // a backup from before
        var kept = await Login.MakeAsync(app.Http, warehouse.Name);
        var names = new LocalNames(warehouse.Name);
        await using (var owner = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(app.Store) { Database = names.Database, Pooling = false }.ConnectionString))
        {
            await owner.ExecuteAsync($"drop owned by {names.Readers}; drop role {names.Readers}");
        }

        await app.StopAsync();

        await using var again = await TestApp.StartAsync(app);

        await Eventually.BecomesAsync(() => HasRoleAsync(again, lost.User), static there => !there);
        Assert.True(await HasRoleAsync(again, kept.User));
        Assert.Equal(RunState.Succeeded, (await again.RunAsync(warehouse.Name, RunKind.Provision)).State);
        await using var session = await kept.OpenAsync();
        Assert.Equal(2, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
    }

    [Fact]
    public async Task Replacement_ThatFailsBeforeThePasswordIsGiven_LeavesTheLoginAsItWas()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 1));
        await warehouse.LoadAsync();
        var login = await Login.MakeAsync(warehouse.App.Http, warehouse.Name);
        await using var session = await login.OpenAsync();
        await using var administrator = new NpgsqlConnection(warehouse.App.Store);
        await administrator.ExecuteAsync($"comment on role {new LocalNames(warehouse.Name).Readers} is 'another''s'");

        Assert.Contains(
            "did not make", await DetailAsync(await warehouse.App.Http.PostAsync(Path(warehouse.Name, "/login"), null)),
            StringComparison.Ordinal);

        await warehouse.App.Services.GetServices<IUpkeep>().Single(static u => u.Name == "personal-logins").WorkAsync(default);
        Assert.Equal(1, await session.ExecuteScalarAsync<long>("select count(*) from songplays"));
        await using var again = await login.OpenAsync();
        var listed = (await warehouse.App.Http.GetFromJsonAsync<JsonElement>(Logins))[0];
        Assert.Equal(("good", JsonValueKind.Null), (listed.GetProperty("state").GetString(), listed.GetProperty("replacedAt").ValueKind));
    }

    [Fact]
    public async Task Making_ThatIsAskedForManyTimesAtOnce_TakesOneConnection_AndRefusesTheRest()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 1));
        await using var other = new NpgsqlConnection(warehouse.App.Store + ";Pooling=false");
        await other.OpenAsync();
        await other.ExecuteAsync("select pg_advisory_lock(hashtextextended(@Name, 43))", new { warehouse.Name }); // another process makes one
        var asked = Enumerable.Range(0, 20).Select(_ => warehouse.App.Http.PostAsync(Path(warehouse.Name, "/login"), null)).ToList();
        var locks = warehouse.App.Services.GetRequiredService<PersonalLoginLocks>();
        var waiting = Enumerable.Range(0, 40)
            .Select(async _ => await (await locks.TakeAsync(warehouse.Name, default)).DisposeAsync()).ToList();

        var refused = await Eventually.BecomesAsync(
            () => Task.FromResult(asked.Where(static a => a.IsCompleted).ToList()), static all => all.Count == 19);
        Assert.All(refused, static a => Assert.Equal(HttpStatusCode.TooManyRequests, a.Result.StatusCode));
        const string Waiting = "select count(*) from pg_stat_activity where application_name = 'sparkify lock' and datname = current_database() and wait_event_type = 'Lock'";
        await Eventually.BecomesAsync(() => other.ExecuteScalarAsync<long>(Waiting), static waits => waits == 1);
        await other.CloseAsync();

        var made = await Task.WhenAll(asked);
        await Task.WhenAll(waiting);
        Assert.Single(made, static a => a.StatusCode == HttpStatusCode.Created);
    }

    [Fact]
    public async Task Removal_ThatTheServerDoesNotDo_IsTriedAgain_AndSaysWhy()
    {
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(Write(plays: 1));
        var login = await Login.MakeAsync(warehouse.App.Http, warehouse.Name);
        await using var administrator = new NpgsqlConnection(warehouse.App.Store);
        // Somebody took the mark away: it might be another's by now, so it is left alone.
        await administrator.ExecuteAsync($"comment on role {login.User} is 'another''s'");

        Assert.Contains(
            "did not make", await DetailAsync(await warehouse.App.Http.DeleteAsync(Path(warehouse.Name, "/login"))),
            StringComparison.Ordinal);

        var listed = (await warehouse.App.Http.GetFromJsonAsync<JsonElement>(Logins))[0];
        Assert.Equal("ending", listed.GetProperty("state").GetString());
        Assert.Contains("tried again each minute", listed.GetProperty("said").GetString(), StringComparison.Ordinal);
        var mark = await administrator.ExecuteScalarAsync<string>(
            "select shobj_description(oid, 'pg_authid') from pg_roles where rolname = @Readers", new { new LocalNames(warehouse.Name).Readers });
        await administrator.ExecuteAsync($"comment on role {login.User} is '{mark}'");
        await warehouse.App.Services.GetServices<IUpkeep>().Single(static u => u.Name == "personal-logins").WorkAsync(default);
        Assert.False(await HasRoleAsync(warehouse.App, login.User));
        // Meanwhile one may have another.
        Assert.NotEqual(login.User, (await Login.MakeAsync(warehouse.App.Http, warehouse.Name)).User);
    }

    [Fact]
    public async Task Logins_MadeWhileTheWarehouseIsTornDown_AreThereAndGone_OrRefused()
    {
        var app = await TestApp.StartAsync();
        await using var _ = app;
        var warehouse = await LoadedWarehouse.ProvisionAsync(app, await CreatedAsync(app));
        await warehouse.LoadAsync();
        using var over = new CancellationTokenSource();
        var making = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                var answer = await app.Http.PostAsync(Path(warehouse.Name, "/login"), null);
                Assert.True(
                    answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict or HttpStatusCode.ServiceUnavailable
                        or HttpStatusCode.TooManyRequests,
                    await answer.Content.ReadAsStringAsync());
            }
        })).ToList();

        var torn = await app.RunAsync(warehouse.Name, RunKind.Teardown);
        await over.CancelAsync();
        await Task.WhenAll(making);

        Assert.True(torn.State == RunState.Succeeded, torn.Error);
        await using var store = new NpgsqlConnection(app.Store);
        Assert.Equal(0, await store.ExecuteScalarAsync<long>(
            "select count(*) from pg_roles where starts_with(rolname, @stem)", new { stem = new LocalNames(warehouse.Name).Database }));
        Assert.Equal(0, await store.ExecuteScalarAsync<long>("select count(*) from resources where removed_at is null"));
    }

    private async Task<string> CreatedAsync(TestApp app)
    {
        var name = TestApp.NewName();
        await app.CreateAsync(name, Write(plays: 2));
        return name;
    }

    private object Write(int plays)
    {
        _folder.Write("song_data/1.json", Source.Song());
        _folder.Write(
            "log_data/1.json",
            string.Join('\n', Enumerable.Range(0, plays).Select(static i => Source.Event(item: i, ts: 1541105830796 + (i * 1000)))));
        return Source.At(_folder);
    }

    private static string Path(string name, string below = "") => $"/api/v1/warehouses/{name}/connect{below}";

    private static async Task<bool> HasRoleAsync(TestApp app, string role)
    {
        await using var db = new NpgsqlConnection(app.Store);
        return await db.ExecuteScalarAsync<bool>("select exists (select from pg_roles where rolname = @role)", new { role });
    }

    private static async Task<RunView> SucceedAsync(TestApp app, string name, RunKind kind)
    {
        var run = await app.RunAsync(name, kind);
        Assert.True(run.State == RunState.Succeeded, run.Error ?? run.Decision?.Asks);
        return run;
    }

    private static async Task DeniedAsync(NpgsqlConnection session, string sql) => Assert.Equal(
        PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(() => session.ExecuteAsync(sql))).SqlState);

    private static async Task<string> DetailAsync(HttpResponseMessage answer)
    {
        Assert.False(answer.IsSuccessStatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
    }
}
