using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Web;

namespace Sparkify.Tests.Support;

/// <summary>The real application in this process, on a free port, with its store in a database of its own on the shared server.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TempFolder _data;

    private TestApp(WebApplication app, TempFolder data, string store)
    {
        (_app, _data, Store) = (app, data, store);
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        Http = new HttpClient { BaseAddress = new Uri(Address) };
    }

    /// <summary>How to connect to its store.</summary>
    public string Store { get; }

    /// <summary>Where it keeps what is no row.</summary>
    public string DataDirectory => _data.Path;

    /// <summary>Where it answers.</summary>
    public string Address { get; }

    /// <summary>A client of its API.</summary>
    public HttpClient Http { get; }

    /// <summary>Its services, as the parts of it see them that act for nobody in particular.</summary>
    public IServiceProvider Services => new Unguarded(_app.Services);

    /// <summary>Its services as pages and endpoints see them.</summary>
    public IServiceProvider Guarded => _app.Services;

    /// <summary>Starts it; on an earlier one's store and data to see what outlives a stop, or on a store of the test's own.</summary>
    public static async Task<TestApp> StartAsync(
        TestApp? after = null, Action<WebApplicationBuilder>? before = null, string? store = null, params string[] arguments)
    {
        var data = after?._data ?? new TempFolder();
        store ??= after?.Store ?? await SharedPostgres.NewDatabaseAsync();
        var app = SparkifyApp.Build(
            ["--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", data.Path, "--Sparkify:AutoSample", "false",
                "--ConnectionStrings:Sparkify", store, .. arguments],
            builder =>
            {
                builder.Logging.ClearProviders();
                before?.Invoke(builder);
            });
        await app.StartAsync();
        return new TestApp(app, data, store);
    }

    /// <summary>A warehouse name that no other test uses: databases and roles are the server's, not the store's.</summary>
    public static string NewName() => $"t{Guid.NewGuid():N}"[..20];

    /// <summary>Describes a warehouse through the API, as whoever sits at the machine unless it is somebody's client.</summary>
    public async Task CreateAsync(
        string name, object source, int? maxRejects = null, string? schema = null, HttpClient? client = null)
    {
        var answer = await (client ?? Http).PostAsJsonAsync(
            "/api/v1/warehouses", new { name, target = "local", source, maxRejects, schema });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Starts a run through the API and waits until it has ended.</summary>
    public async Task<RunView> RunAsync(string name, RunKind kind, LoadMode? mode = null)
    {
        var answer = await Http.PostAsJsonAsync(
            $"/api/v1/warehouses/{name}/runs",
            new { kind = kind.ToString().ToLowerInvariant(), mode = mode?.ToString().ToLowerInvariant() });
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        return await EndAsync(JsonDocument.Parse(body).RootElement.GetProperty("id").GetInt64());
    }

    /// <summary>Waits until a run has ended.</summary>
    public async Task<RunView> EndAsync(long run)
    {
        var runs = Services.GetRequiredService<IRuns>();
        return await Eventually.BecomesAsync(
            async () => (await runs.FindAsync(run, CancellationToken.None))!, view => !view.Active, seconds: 120);
    }

    /// <summary>Rows per table, as the API tells them.</summary>
    public async Task<Dictionary<string, long?>> CountsAsync(string name)
    {
        var tables = await Http.GetFromJsonAsync<JsonElement>($"/api/v1/warehouses/{name}/tables");
        return tables.EnumerateArray().ToDictionary(
            t => t.GetProperty("table").GetString()!,
            t => t.GetProperty("rows").ValueKind == JsonValueKind.Null ? (long?)null : t.GetProperty("rows").GetInt64());
    }

    /// <summary>Stops it but keeps its data for another to start on.</summary>
    public async Task StopAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _data.Dispose();
    }
}
