using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Simulator.Sql;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>New passwords for the roles of a warehouse.</summary>
public sealed class PasswordsTests
{
    [Fact]
    public async Task Passwords_OfALocalWarehouse_AreOthersAfterwards_AndItIsReadOn()
    {
        await using var app = await TestApp.StartAsync();
        var name = TestApp.NewName();
        await app.CreateAsync(name, new { sample = new { days = 1, events = 60, songs = 10 } });
        using (var early = await app.Http.PostAsync($"/api/v1/warehouses/{name}/passwords", null))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        }

        await app.RunAsync(name, RunKind.Provision);
        await app.RunAsync(name, RunKind.Load);
        var warehouses = app.Services.GetRequiredService<IWarehouses>();
        var databases = app.Services.GetRequiredService<IWarehouseDatabases>();
        var before = await warehouses.GetAsync(name, default);
        await using (await databases.OpenAloneAsync(before, WarehouseRole.Reporter, default))
        {
            // It gets in with the one it has.
        }

        var counts = await app.CountsAsync(name);
        using var answer = await app.Http.PostAsync($"/api/v1/warehouses/{name}/passwords", null);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var run = await app.EndAsync((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());

        Assert.True(run.State == RunState.Succeeded, run.Error);
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            await RefusedAsync(databases, before, role);
            // Who read the warehouse just before gets in all the same.
            await using var now = await databases.OpenAloneAsync(before, role, default);
        }

        await using (await databases.ReadAsync(before, default))
        {
            // As on any of the connections that readers share.
        }

        Assert.Equal(counts, await app.CountsAsync(name));
        using var query = await app.Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{name}/queries/", new { sql = "select count(*) from songplays" });
        Assert.True(query.IsSuccessStatusCode, await query.Content.ReadAsStringAsync());
        Assert.Equal(RunState.Succeeded, (await app.RunAsync(name, RunKind.Load)).State);
    }

    [Fact]
    public async Task Passwords_OfACluster_AreOthersAfterwards()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("music");
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Provision)).State);
        var warehouses = bench.App.Services.GetRequiredService<IWarehouses>();
        var databases = bench.App.Services.GetRequiredService<IWarehouseDatabases>();
        var before = await warehouses.GetAsync("music", default);
        using var answer = await bench.Http.PostAsync("/api/v1/warehouses/music/passwords", null);
        var run = await bench.App.EndAsync((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64());

        Assert.True(run.State == RunState.Succeeded, run.Error);
        await RefusedAsync(databases, before, WarehouseRole.Reporter);
        await using var now = await databases.OpenAloneAsync(await warehouses.GetAsync("music", default), WarehouseRole.Reporter, default);
        await using var late = await databases.OpenAloneAsync(before, WarehouseRole.Reporter, default);
    }

    [Fact]
    public async Task Passwords_OfAClusterWhoseRunIsCancelledRightAfterwards_AreThoseTheWarehouseLogsInWith()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("music");
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Provision)).State);
        var warehouses = bench.App.Services.GetRequiredService<IWarehouses>();
        var databases = bench.App.Services.GetRequiredService<IWarehouseDatabases>();
        var before = await warehouses.GetAsync("music", default);
        var cluster = Assert.Single(await bench.Aws.Redshift.ListClustersAsync(null, null, default));
        var login = await bench.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, default);
        await using var master = NpgsqlDataSource.Create(
            SqlBench.ConnectionString(cluster.Port!.Value, login.User, login.Password) + ";Database=sparkify");
        await using var holder = await master.OpenConnectionAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        // One of the statements that follow the passwords has to wait for this one.
        await holder.ExecuteAsync("revoke create on schema public from public");
        using var answer = await bench.Http.PostAsync("/api/v1/warehouses/music/passwords", null);
        var run = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        await using var store = NpgsqlDataSource.Create(bench.App.Store);
        await using var look = await store.OpenConnectionAsync();
        await Eventually.BecomesAsync(
            async () => await look.ExecuteScalarAsync<long>(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'revoke create on schema public%'"),
            static waiting => waiting == 1);

        using (var cancelled = await bench.Http.PostAsync($"/api/v1/runs/{run}/cancel", null))
        {
            Assert.True(cancelled.IsSuccessStatusCode, await cancelled.Content.ReadAsStringAsync());
        }

        Assert.Equal(RunState.Cancelled, (await bench.App.EndAsync(run)).State);
        await transaction.RollbackAsync();
        var after = await warehouses.GetAsync("music", default);
        Assert.NotEqual(before.Passwords, after.Passwords);
        foreach (var role in Enum.GetValues<WarehouseRole>())
        {
            await RefusedAsync(databases, before, role);
            await using var now = await databases.OpenAloneAsync(after, role, default);
        }
    }

    [Fact]
    public async Task MasterPassword_OfACluster_IsAnotherAfterwards_AndProvisioningKnowsIt()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("music");
        using (var early = await bench.Http.PostAsync("/api/v1/warehouses/music/master-password", null))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
            Assert.Contains("has no cluster: provision it first", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Provision)).State);
        var cluster = Assert.Single(await bench.Aws.Redshift.ListClustersAsync(null, null, default));
        var before = await bench.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, default);
        using var answer = await bench.Http.PostAsync("/api/v1/warehouses/music/master-password", null);
        var after = await bench.Aws.Secrets.GetLoginAsync(cluster.SecretArn!, default);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(before.User, after.User);
        Assert.NotEqual(before.Password, after.Password);
        await using (var old = NpgsqlDataSource.Create(At(before)))
        {
            await Assert.ThrowsAsync<PostgresException>(async () => await old.OpenConnectionAsync());
        }

        await using var now = NpgsqlDataSource.Create(At(after));
        await using (await now.OpenConnectionAsync())
        {
            // It gets in.
        }

        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Provision)).State);
        var audit = await bench.Http.GetStringAsync("/api/v1/audit");
        Assert.Contains("redshift.rotatemaster", audit, StringComparison.Ordinal);
        Assert.DoesNotContain(after.Password, bench.Logs.All + audit + await bench.StoreDumpAsync(), StringComparison.Ordinal);

        string At(SecretLogin login) => SqlBench.ConnectionString(cluster.Port!.Value, login.User, login.Password) + ";Database=sparkify";
    }

    [Fact]
    public async Task Key_OfAllPasswords_CountsForAPausedClusterOnceItIsResumed()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("music");
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Provision)).State);
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Pause)).State);
        var warehouses = bench.App.Services.GetRequiredService<IWarehouses>();
        var databases = bench.App.Services.GetRequiredService<IWarehouseDatabases>();
        var before = await warehouses.GetAsync("music", default);
        using var answer = await bench.Http.PostAsync("/api/v1/secrets/warehouses", null);
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(0, made.GetProperty("runs").GetArrayLength());
        Assert.Equal("music", Assert.Single(made.GetProperty("later").EnumerateArray()).GetString());
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("music", RunKind.Resume)).State);
        var after = await warehouses.GetAsync("music", default);
        Assert.NotEqual(before.Passwords, after.Passwords);
        await RefusedAsync(databases, after with { Passwords = before.Passwords }, WarehouseRole.Reporter);
        await using var now = await databases.OpenAloneAsync(after, WarehouseRole.Reporter, default);
    }

    [Fact]
    public async Task DatabasePassword_OfAServerOfOnesOwn_IsLeftToItsOwner()
    {
        await using var app = await TestApp.StartAsync();

        using var answer = await app.Http.PostAsync("/api/v1/secrets/database", null);
        var kept = await app.Http.GetFromJsonAsync<JsonElement>("/api/v1/secrets");

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("a PostgreSQL server of your own", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, kept.GetProperty("database").ValueKind);
        Assert.True(kept.GetProperty("connections").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddHours(-1));
    }

    private static async Task RefusedAsync(IWarehouseDatabases databases, Warehouse warehouse, WarehouseRole role)
    {
        var password = databases.Password(warehouse.Name, role, warehouse.Passwords);
        await using var login = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(databases.Open(warehouse, role).ConnectionString) { Password = password, Pooling = false }
                .ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => login.OpenAsync());
        Assert.Contains("password authentication failed", refused.MessageText, StringComparison.Ordinal);
    }
}
