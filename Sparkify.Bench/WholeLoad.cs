using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Bench;

/// <summary>How long whole loads took, and their staging alone.</summary>
internal sealed record WholeLoadResult(double Seconds, double StagingSeconds, IReadOnlyDictionary<string, double> Steps)
{
    public double Ratio => Seconds / StagingSeconds;
}

/// <summary>Loads a warehouse as the application does, job store, checks and publishing included, with the application's own services.</summary>
internal sealed class WholeLoad(BenchArguments arguments, BenchServer server)
{
    private const int Songs = 14_896;
    private const string Name = "bench-whole-load";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public async Task<WholeLoadResult> RunAsync(CancellationToken ct)
    {
        const string Store = "bench_store";
        await server.ExecuteAsync($"drop database if exists {Store} with (force)", ct);
        await server.ExecuteAsync($"create database {Store}", ct);
        using var host = Build(new NpgsqlConnectionStringBuilder(server.Connection) { Database = Store }.ConnectionString);
        await host.StartAsync(ct);
        var runs = host.Services.GetRequiredService<IRuns>();
        await host.Services.GetRequiredService<ISources>().OpenAsync(Source, progress: null, ct);
        await host.Services.GetRequiredService<IWarehouses>()
            .CreateAsync(new NewWarehouse(Name, WarehouseTarget.Local, Source), Actor.System, ct);
        await RunAsync(runs, RunKind.Provision, ct);
        List<RunView> loads = [];
        for (var run = 0; run <= arguments.Runs; run++)
        {
            loads.Add(await RunAsync(runs, RunKind.Load, ct));
            await Console.Error.WriteLineAsync($"  whole load: {Seconds(loads[^1]):F2} s, staging {Staging(loads[^1]):F2} s");
        }

        await RunAsync(runs, RunKind.Teardown, ct);
        await host.StopAsync(ct);

        // The first one compiles the code.
        loads.RemoveAt(0);
        return new WholeLoadResult(
            Measurement.Median(loads.Select(Seconds)), Measurement.Median(loads.Select(Staging)),
            loads[0].Steps.ToDictionary(s => s.Name, s => Measurement.Median(loads.Select(l => Seconds(l.Steps.Single(o => o.Name == s.Name))))));
    }

    private SampleSource Source => new(Events: arguments.Events, Songs: Songs);

    private IHost Build(string store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Sparkify"] = store,
            ["Sparkify:DataDirectory"] = arguments.Directory,
            ["Sparkify:AutoSample"] = "false",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.Services.AddStorage().AddRuns().AddSources().AddWarehouses().AddProvisioning().AddPipeline();
        return builder.Build();
    }

    private static async Task<RunView> RunAsync(IRuns runs, RunKind kind, CancellationToken ct)
    {
        var run = await runs.StartAsync(Name, kind, Actor.System, ct);
        while (run.Active)
        {
            await Task.Delay(Look, TimeProvider.System, ct);
            run = (await runs.FindAsync(run.Id, ct))!;
        }

        return run.State == RunState.Succeeded ? run : throw new InvalidOperationException($"The run {kind} ended as {run.State}: {run.Error}");
    }

    private static double Staging(RunView run) => run.Steps.Where(s => s.Name.StartsWith("stage-", StringComparison.Ordinal)).Sum(Seconds);

    private static double Seconds(RunView run) => (run.FinishedAt - run.StartedAt)!.Value.TotalSeconds;

    private static double Seconds(StepView step) => (step.FinishedAt - step.StartedAt)!.Value.TotalSeconds;
}
