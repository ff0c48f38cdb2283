using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Connect;
using Sparkify.Core.People;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Bench;

/// <summary>The application's own services without its pages, on a store of their own, with one warehouse.</summary>
internal sealed class BenchApp : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly IHost _host;
    private readonly string _name;

    private BenchApp(IHost host, string name) => (_host, _name) = (host, name);

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts it and provisions the warehouse.</summary>
    public static async Task<BenchApp> StartAsync(
        BenchArguments arguments, BenchServer server, string name, SourceSpec source, CancellationToken ct)
    {
        const string Store = "bench_store";
        await server.ExecuteAsync($"drop database if exists {Store} with (force)", ct);
        await server.ExecuteAsync($"create database {Store}", ct);
        var app = new BenchApp(
            Build(arguments, new NpgsqlConnectionStringBuilder(server.Connection) { Database = Store }.ConnectionString), name);
        await app._host.StartAsync(ct);
        await app.Services.GetRequiredService<ISources>().OpenAsync(source, progress: null, ct);
        await app.Services.GetRequiredService<IWarehouses>()
            .CreateAsync(new NewWarehouse(name, WarehouseTarget.Local, source), Actor.System, ct);
        await app.RunAsync(RunKind.Provision, ct);
        return app;
    }

    /// <summary>Starts a run and waits until it has succeeded.</summary>
    public async Task<RunView> RunAsync(RunKind kind, CancellationToken ct, LoadMode? mode = null)
    {
        var runs = Services.GetRequiredService<IRuns>();
        var run = await runs.StartAsync(_name, kind, Actor.System, ct, mode: mode);
        while (run.Active)
        {
            await Task.Delay(Look, TimeProvider.System, ct);
            run = (await runs.FindAsync(run.Id, ct))!;
        }

        return run.State == RunState.Succeeded
            ? run
            : throw new InvalidOperationException($"The run {kind} ended as {run.State}: {run.Error ?? run.Decision?.Asks}");
    }

    /// <summary>Takes the warehouse down again.</summary>
    public async ValueTask DisposeAsync()
    {
        await RunAsync(RunKind.Teardown, CancellationToken.None);
        await _host.StopAsync();
        _host.Dispose();
    }

    private static IHost Build(BenchArguments arguments, string store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Sparkify"] = store,
            ["Sparkify:DataDirectory"] = arguments.AppDirectory,
            ["Sparkify:AutoSample"] = "false",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddSingleton<ISecretBox, NoSecrets>();
        builder.Services.AddStorage().AddAudit().AddPeople().AddRuns().AddSources().AddWarehouses().AddProvisioning().AddPipeline()
            .AddSchedules().AddReports().AddConnect();
        return builder.Build();
    }
}

/// <summary>In the place of the pages' box: local warehouses keep no secret.</summary>
internal sealed class NoSecrets : ISecretBox
{
    public DateTimeOffset KeySince => throw None();

    public string Close(string purpose, string secret) => throw None();

    public Task RenewAsync(CancellationToken ct) => throw None();

    public string? Open(string purpose, string closed) => throw None();

    private static InvalidOperationException None() => new("Nothing that is measured keeps a secret.");
}
