using System.Net.Http.Json;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage.Embedded;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.EndToEnd;

public sealed class ManyWarehousesTests
{
    private const int Warehouses = 50;
    private const int MostConnections = 100;

    [Fact]
    public async Task FiftyWarehouses_LoadedAndReadAtOnceOnAGivenServer_StayBelowItsConnections()
    {
        using var folder = new TempFolder();
        await using var server = new EmbeddedPostgres(
            new PostgresFolder(folder.Path), binaries: null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance)
        {
            MostConnections = MostConnections,
        };
        await server.StartAsync(CancellationToken.None);
        await using var watch = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await watch.OpenAsync();
        await watch.ExecuteAsync("create database given");
        await using var app = await TestApp.StartAsync(store: server.ConnectionString("given"));
        using var done = new CancellationTokenSource();
        var most = MostAsync(watch, done.Token);

        var names = Enumerable.Range(1, Warehouses).Select(static i => $"many-{i}").ToList();
        await Task.WhenAll(names.Select(async name =>
        {
            await app.CreateAsync(name, new { sample = new { events = 40, songs = 5, days = 1 } });
            var answer = await app.Http.PostAsJsonAsync($"/api/v1/warehouses/{name}/runs", new { kind = "provision", then = "load" });
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }));
        var runs = app.Services.GetRequiredService<IRuns>();
        var all = await Eventually.BecomesAsync(
            () => runs.HistoryAsync(new RunFilter(Size: 500), CancellationToken.None),
            page =>
                page.Items.Count(static r => r.Kind == RunKind.Load && !r.Active) + page.Items.Count(
                    static r => r.State is RunState.Failed) >= Warehouses,
            seconds: 600);
        Assert.All(all.Items, run => Assert.True(run.State == RunState.Succeeded, $"{run.Kind} {run.Warehouse}: {run.Error}"));
        Assert.Equal(2 * Warehouses, all.Items.Count);
        // None had to wait for a connection, which would show as a second attempt.
        Assert.All(all.Items, run => Assert.All(
            run.Steps, step => Assert.Equal((run.Warehouse, step.Name, 1), (run.Warehouse, step.Name, step.Attempt))));

        // Everybody's report at the same time.
        var reports = await Task.WhenAll(
            names.Select(name => app.Http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{name}/reports/rows-per-table")));
        Assert.Equal(Warehouses, reports.Length);
        await done.CancelAsync();

        Assert.InRange(await most, 10, MostConnections - 3);
    }

    [Fact]
    public async Task Server_WithHardlyAConnectionLeft_IsNotReadyAndSaysSo_AndRunsWaitItOut()
    {
        using var folder = new TempFolder();
        await using var server = new EmbeddedPostgres(
            new PostgresFolder(folder.Path), binaries: null, TimeProvider.System, NullLogger<EmbeddedPostgres>.Instance)
        {
            MostConnections = 40,
        };
        await server.StartAsync(CancellationToken.None);
        await using var watch = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await watch.OpenAsync();
        await watch.ExecuteAsync("create database given");
        await using var app = await TestApp.StartAsync(store: server.ConnectionString("given"));
        await app.CreateAsync("few", new { sample = new { events = 40, songs = 5, days = 1 } });
        Assert.Equal(RunState.Succeeded, (await app.RunAsync("few", RunKind.Provision)).State);

        List<NpgsqlConnection> hoarded = [];
        while (await HoardAsync(server, hoarded))
        {
        }

        using var ready = await app.Http.GetAsync("/readyz");
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("max_connections", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var load = (await (await app.Http.PostAsJsonAsync(
            "/api/v1/warehouses/few/runs", new { kind = "load" })).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetInt64();
        await Eventually.BecomesAsync(
            async () =>
                (await app.Services.GetRequiredService<IRuns>().FindAsync(load, CancellationToken.None))!, static view =>
                    view.Steps[0].State != StepState.Succeeded);
        foreach (var connection in hoarded)
        {
            await connection.DisposeAsync();
        }

        var ended = await app.EndAsync(load);
        Assert.True(ended.State == RunState.Succeeded, ended.Error);
        await Eventually.BecomesAsync(
            async () => (await app.Http.GetAsync("/readyz")).StatusCode, static status => status == System.Net.HttpStatusCode.OK);
    }

    private static async Task<bool> HoardAsync(EmbeddedPostgres server, List<NpgsqlConnection> hoarded)
    {
        var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        try
        {
            await connection.OpenAsync();
            hoarded.Add(connection);
            return true;
        }
        catch (PostgresException ex) when (ex.SqlState == PostgresErrorCodes.TooManyConnections)
        {
            await connection.DisposeAsync();
            return false;
        }
    }

    private static async Task<int> MostAsync(NpgsqlConnection watch, CancellationToken ct)
    {
        var most = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!ct.IsCancellationRequested)
        {
            most = Math.Max(
                most, await watch.ExecuteScalarAsync<int>("select count(*) from pg_stat_activity where backend_type = 'client backend'"));
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return most;
    }
}
