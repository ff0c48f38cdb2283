using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Simulator;
using Sparkify.Tests.Core.Aws;
using Sparkify.Tests.Core.Provisioning.Redshift;

namespace Sparkify.Tests.Support;

/// <summary>
/// The real application with a simulator beside it that the test holds: quick, with a real PostgreSQL behind its clusters.
/// </summary>
internal sealed class SimulatedApp : IAsyncDisposable
{
    public const string Bucket = "music";

    private SimulatedApp(SimulatorServer simulator, TestApp app, LogKeeper logs) => (Simulator, App, Logs) = (simulator, app, logs);

    public SimulatorServer Simulator { get; }

    public TestApp App { get; private set; }

    /// <summary>Everything that was logged, at every level.</summary>
    public LogKeeper Logs { get; }

    public HttpClient Http => App.Http;

    /// <summary>How patient its runs are.</summary>
    public static RedshiftPatience Patience { get; } = new()
    {
        Poll = TimeSpan.FromMilliseconds(20),
        Ceiling = TimeSpan.FromSeconds(30),
        RoleSeen = TimeSpan.FromSeconds(10),
        GroupReleased = TimeSpan.FromSeconds(10),
        Reachable = TimeSpan.FromSeconds(20),
    };

    public static async Task<SimulatedApp> StartAsync(
        SimulatorDelays? delays = null, RedshiftPatience? patience = null, Action<IServiceCollection>? services = null, bool sql = true)
    {
        var simulator = await StartSimulatorAsync(delays, sql);
        var logs = new LogKeeper();
        var app = await TestApp.StartAsync(
            before: builder => Configure(builder, logs, patience, services), arguments: Arguments(simulator));
        await FillAsync(simulator);
        return new SimulatedApp(simulator, app, logs);
    }

    /// <summary>A simulator with an empty bucket; without <paramref name="sql"/> its clusters have a name nobody knows.</summary>
    public static async Task<SimulatorServer> StartSimulatorAsync(SimulatorDelays? delays = null, bool sql = true)
    {
        var simulator = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            Delays = delays ?? RedshiftBench.Quick,
            SqlBackend = sql ? await SharedPostgres.NewDatabaseAsync() : null,
        });
        simulator.CreateBucket(Bucket);
        return simulator;
    }

    /// <summary>Stops the application and starts another one on its store, against the same simulator.</summary>
    public async Task RestartAsync(Action<IServiceCollection>? services = null)
    {
        await App.StopAsync();
        App = await TestApp.StartAsync(App, builder => Configure(builder, Logs, patience: null, services), arguments: Arguments(Simulator));
    }

    /// <summary>Describes a warehouse whose source is in the simulator's S3.</summary>
    public async Task CreateAsync(string name, object? redshift = null)
    {
        var answer = await Http.PostAsJsonAsync(
            "/api/v1/warehouses", new { name, target = "redshift", source = Source, redshift = redshift ?? new { }, simulated = true });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public static object Source { get; } = new { events = $"s3://{Bucket}/log_data/", songs = $"s3://{Bucket}/song_data/" };

    public AwsClients Aws => AwsTestClients.AtOnce(
        App.Services.GetRequiredService<IAws>().ForAsync(new AwsPlace(Simulated: true), CancellationToken.None));

    public Task<JsonElement> GetAsync(string path) => Http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Every row of every table of the store, as text.</summary>
    public async Task<string> StoreDumpAsync()
    {
        await using var store = NpgsqlDataSource.Create(App.Store);
        var dump = new StringBuilder();
        List<string> tables = [];
        await using (var list = store.CreateCommand("select quote_ident(table_schema) || '.' || quote_ident(table_name) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"))
        await using (var reader = await list.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        foreach (var table in tables)
        {
            await using var rows = store.CreateCommand($"select t::text from {table} t");
            await using var reader = await rows.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                dump.Append(table).Append(' ').AppendLine(reader.GetString(0));
            }
        }

        return dump.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Simulator.DisposeAsync();
    }

    /// <summary>The settings that lead an application to a simulator.</summary>
    public static string[] Arguments(SimulatorServer simulator) =>
        ["--Aws:Simulator", "true", "--Aws:SimulatorUrl", simulator.Url.ToString()];

    private static void Configure(
        WebApplicationBuilder builder, LogKeeper logs, RedshiftPatience? patience, Action<IServiceCollection>? services)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Services.AddSingleton(patience ?? Patience);
        services?.Invoke(builder.Services);
    }

    /// <summary>Puts one event file and one song into a simulator's bucket.</summary>
    public static async Task FillAsync(SimulatorServer simulator)
    {
        using var door = AwsTestClients.To(simulator);
        await PutAsync(
            "log_data/2018/11/events.json", string.Join('\n', Support.Source.Event(item: 1), Support.Source.Event(item: 2, page: "Home")));
        await PutAsync("song_data/A/0.json", Support.Source.Song());

        async Task PutAsync(string key, string text)
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
            await door.Clients.S3.PutAsync(Bucket, key, content, CancellationToken.None);
        }
    }
}
