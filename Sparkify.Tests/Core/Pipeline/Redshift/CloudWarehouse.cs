using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Pipeline.Redshift;

/// <summary>A provisioned warehouse on the simulator's Redshift, to be loaded and looked into.</summary>
internal sealed class CloudWarehouse : IAsyncDisposable
{
    private CloudWarehouse(SimulatedApp bench, string name) => (Bench, Name) = (bench, name);

    public SimulatedApp Bench { get; }

    public string Name { get; }

    public TestApp App => Bench.App;

    /// <summary>Describes and provisions one whose source is what is put into the bucket before.</summary>
    public static async Task<CloudWarehouse> ProvisionAsync(
        Func<SimulatedApp, Task> fill, object? source =
            null, int? maxRejects = null, object? redshift = null, Action<IServiceCollection>? services = null,
        string? schema = null)
    {
        var bench = await SimulatedApp.StartAsync(services: services);
        foreach (var left in (string[])["log_data/2018/11/events.json", "song_data/A/0.json"])
        {
            await bench.Aws.S3.DeleteAsync(SimulatedApp.Bucket, left, CancellationToken.None);
        }

        await fill(bench);
        var name = TestApp.NewName();
        var answer = await bench.Http.PostAsJsonAsync(
            "/api/v1/warehouses",
            new
            {
                name,
                target = "redshift",
                source = source ?? SimulatedApp.Source,
                maxRejects,
                redshift = redshift ?? new { },
                simulated = true,
                schema,
            });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var run = await bench.App.RunAsync(name, RunKind.Provision);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        return new CloudWarehouse(bench, name);
    }

    /// <summary>One with a few events and songs.</summary>
    public static Task<CloudWarehouse> ProvisionAsync(
        IEnumerable<string> events, IEnumerable<string> songs, int? maxRejects =
            null, Action<IServiceCollection>? services = null, string? schema = null) => ProvisionAsync(
        async bench =>
        {
            await PutAsync(bench, "log_data/2018/11/events.json", string.Join('\n', events));
            foreach (var (number, song) in songs.Index())
            {
                await PutAsync(bench, string.Create(CultureInfo.InvariantCulture, $"song_data/A/{number:D4}.json"), song);
            }
        }, maxRejects: maxRejects, services: services, schema: schema);

    /// <summary>Puts an object into the source's bucket.</summary>
    public static Task PutAsync(SimulatedApp bench, string key, string text) => PutAsync(bench, key, Encoding.UTF8.GetBytes(text));

    /// <summary>Puts an object into the source's bucket.</summary>
    public static Task PutAsync(SimulatedApp bench, string key, byte[] content) =>
        bench.Aws.S3.PutAsync(SimulatedApp.Bucket, key, new MemoryStream(content), CancellationToken.None);

    /// <summary>Puts a folder with everything below it into the bucket.</summary>
    public static async Task UploadAsync(SimulatedApp bench, string folder, string prefix) => await Parallel.ForEachAsync(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), new ParallelOptions { MaxDegreeOfParallelism = 8 },
        async (file, ct) =>
            await PutAsync(bench, $"{prefix}/{Path.GetRelativePath(folder, file)}", await File.ReadAllBytesAsync(file, ct)));

    /// <summary>Puts an object into the source's bucket.</summary>
    public Task PutAsync(string key, string text) => PutAsync(Bench, key, text);

    /// <summary>What is in the bucket under a prefix.</summary>
    public async Task<List<string>> KeysAsync(string prefix) =>
        [.. (await Bench.Aws.S3.ListAsync(SimulatedApp.Bucket, prefix, CancellationToken.None).ToListAsync()).Select(static i => i.Key)];

    /// <summary>Begins a load.</summary>
    public async Task<long> StartAsync()
    {
        var answer = await App.Http.PostAsJsonAsync($"/api/v1/warehouses/{Name}/runs", new { kind = "load" });
        return (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("id").GetInt64();
    }

    /// <summary>Loads it and expects that to succeed.</summary>
    public async Task<RunView> LoadAsync()
    {
        var run = await App.RunAsync(Name, RunKind.Load);
        Assert.True(run.State == RunState.Succeeded, run.Error);
        return run;
    }

    /// <summary>Loads it and expects that to fail with a sentence.</summary>
    public async Task<string> RefusedLoadAsync()
    {
        var run = await App.RunAsync(Name, RunKind.Load);
        Assert.Equal(RunState.Failed, run.State);
        return run.Error!;
    }

    /// <summary>A connection as its loader or reporter.</summary>
    public async Task<NpgsqlConnection> OpenAsync(WarehouseRole role = WarehouseRole.Reporter)
    {
        var warehouse = await App.Services.GetRequiredService<IWarehouses>().GetAsync(Name, CancellationToken.None);
        return await App.Services.GetRequiredService<IWarehouseDatabases>().Open(warehouse, role).OpenConnectionAsync();
    }

    /// <summary>A connection that outlives the application.</summary>
    public async Task<NpgsqlConnection> OpenAloneAsync(WarehouseRole role)
    {
        var warehouse = await App.Services.GetRequiredService<IWarehouses>().GetAsync(Name, CancellationToken.None);
        var password = App.Services.GetRequiredService<IWarehouseDatabases>().Password(Name, role);
        var text = RedshiftConnection.Text(warehouse.Endpoint!, new LocalNames(Name).Role(role), password, "test", simulated: true);
        var db = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(text) { Pooling = false }.ConnectionString);
        await db.OpenAsync();
        return db;
    }

    /// <summary>Rows of a query, as the reporter sees them, each as one text, in order.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        await using var db = await OpenAsync();
        return await Rows.ReadAsync(db, sql);
    }

    public ValueTask DisposeAsync() => Bench.DisposeAsync();
}

/// <summary>Reads rows as texts that are equal when the rows are.</summary>
internal static class Rows
{
    public static async Task<List<string>> ReadAsync(NpgsqlConnection db, string sql)
    {
        await using var command = new NpgsqlCommand(sql, db);
        await using var reader = await command.ExecuteReaderAsync();
        List<string> rows = [];
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i) switch
            {
                DBNull => "∅",
                DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
                var value => Convert.ToString(value, CultureInfo.InvariantCulture),
            })));
        }

        rows.Sort(StringComparer.Ordinal);
        return rows;
    }
}
