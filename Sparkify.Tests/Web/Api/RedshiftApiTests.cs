using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>Warehouses on Redshift by HTTP alone, on the simulator.</summary>
public sealed class RedshiftApiTests
{
    [Fact]
    public async Task WholeLife_FromPlanToProof_ByHttpAlone()
    {
        await using var bench = await SimulatedApp.StartAsync();
        var draft = new { name = "cloud", target = "redshift", source = SimulatedApp.Source, simulated = true };
        var planned = await ReadAsync(await bench.Http.PostAsJsonAsync("/api/v1/plans", draft));
        Assert.Contains("$0.543 an hour", planned.EnumerateArray().Last().GetProperty("detail").GetString());
        Assert.Equal(0, (await bench.GetAsync("/api/v1/warehouses")).GetArrayLength());

        await bench.CreateAsync("cloud");
        Assert.Equal("notThere", await DriftAsync(bench, "cluster"));
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Provision)).State);
        var warehouse = await bench.GetAsync("/api/v1/warehouses/cloud");
        Assert.Equal(("available", true), (warehouse.GetProperty("state").GetString(), warehouse.GetProperty("simulated").GetBoolean()));
        Assert.Equal("127.0.0.1", warehouse.GetProperty("endpoint").GetProperty("host").GetString());
        Assert.Equal("inStep", await DriftAsync(bench, "cluster"));
        var cost = await bench.GetAsync("/api/v1/warehouses/cloud/cost");
        Assert.Equal(0.543m, cost.GetProperty("price").GetProperty("perHour").GetDecimal());
        Assert.NotEqual(JsonValueKind.Null, cost.GetProperty("runningSince").ValueKind);

        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Pause)).State);
        Assert.Equal(JsonValueKind.Null, (await bench.GetAsync("/api/v1/warehouses/cloud/cost")).GetProperty("runningSince").ValueKind);
        Assert.Equal("inStep", await DriftAsync(bench, "cluster"));
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Resume)).State);

        bench.Simulator.ForgetCalls();
        var preview = await bench.GetAsync("/api/v1/warehouses/cloud/teardown");
        Assert.Single(bench.Simulator.Calls, static c => c.Service == "iam"); // however many roles there are
        Assert.Equal(["cluster", "security group", "IAM role", "secret"], preview.GetProperty("destroys").EnumerateArray()
            .Select(d => d.GetProperty("kind").GetString()!));
        var down = await bench.App.RunAsync("cloud", RunKind.Teardown);
        Assert.Equal((RunState.Succeeded, "0 left"), (down.State, down.Steps[^1].Message));
        Assert.Equal(HttpStatusCode.NoContent, (await bench.Http.DeleteAsync("/api/v1/warehouses/cloud")).StatusCode);
    }

    [Fact]
    public async Task Provisioned_BothUsersGetIn_AndTheReporterReadsWhatTheLoaderMakes()
    {
        await using var bench = await SimulatedApp.StartAsync();
        await bench.CreateAsync("cloud");
        var run = await bench.App.RunAsync("cloud", RunKind.Provision);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        var warehouse = await bench.App.Services.GetRequiredService<IWarehouses>().GetAsync("cloud", CancellationToken.None);
        var databases = bench.App.Services.GetRequiredService<IWarehouseDatabases>();
        var (loader, reporter) = (databases.Open(warehouse, WarehouseRole.Loader), databases.Open(warehouse, WarehouseRole.Reporter));

        await ExecuteAsync(loader, "create table dwh.songs (song_id varchar(18))");
        await ExecuteAsync(loader, "insert into dwh.songs values ('SO1')");
        await ExecuteAsync(loader, "drop schema dwh_build");
        await ExecuteAsync(loader, "create schema dwh_build");
        await ExecuteAsync(loader, "select count(*) from sys_load_history");
        await using var read = reporter.CreateCommand("select count(*) from dwh.songs");
        Assert.Equal(1L, await read.ExecuteScalarAsync());
        foreach (var forbidden in (string[])["insert into dwh.songs values ('SO2')", "create table dwh.mine (x int)", "create table public.mine (x int)"])
        {
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(reporter, forbidden))).SqlState);
        }

        // Again, as a repair: nothing is in the way of what is there already.
        Assert.Equal(RunState.Succeeded, (await bench.App.RunAsync("cloud", RunKind.Provision)).State);
        await using var again = databases.Open(warehouse, WarehouseRole.Reporter).CreateCommand("select count(*) from dwh.songs");
        Assert.Equal(1L, await again.ExecuteScalarAsync());
    }

    private static async Task<string?> DriftAsync(SimulatedApp bench, string kind) =>
        (await bench.GetAsync("/api/v1/warehouses/cloud/drift"))
        .EnumerateArray().Single(d => d.GetProperty("kind").GetString() == kind).GetProperty("state").GetString();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
