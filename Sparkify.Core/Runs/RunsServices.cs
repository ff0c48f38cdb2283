using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Sparkify.Core.Runs.Scheduling;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Registers the runs and their scheduler.</summary>
public static class RunsServices
{
    /// <summary>Adds the runs; after the store.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.TryAddSingleton<ActiveRuns>();
        services.TryAddSingleton<RunSignals>();
        services.TryAddSingleton<RunLedger>();
        services.TryAddSingleton<RunQueries>();
        services.AddSingleton<IStoreListener, RunNews>();
        services.TryAddSingleton<WarehouseLocks>();
        services.TryAddSingleton<RunWriter>();
        services.TryAddSingleton<RunDecisions>();
        services.TryAddSingleton<RunQueue>();
        services.TryAddSingleton<RunRequests>();
        services.TryAddSingleton<StepShell>();
        services.TryAddSingleton<RunSteps>();
        services.TryAddSingleton<RunEnding>();
        services.TryAddSingleton<RunCarrier>();
        services.TryAddSingleton<RunShell>();
        services.TryAddSingleton<RunService>();
        services.TryAddSingleton<IRuns>(static provider => provider.GetRequiredService<RunService>());
        services.TryAddSingleton<IRunStarts>(static provider => provider.GetRequiredService<RunService>());
        services.TryAddSingleton<IRunHealth, RunHealth>();
        services.AddKept("log lines", static keep => keep.LogDays, RunQueries.OldRowsOf("run_log"));
        services.AddKept("runs", static keep => keep.RunDays, RunLedger.DeleteOld);
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        services.AddHostedService<OpenRuns>();
        return services.AddScheduling();
    }
}
