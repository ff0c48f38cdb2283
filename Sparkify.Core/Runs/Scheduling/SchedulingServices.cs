using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>Registers the job queue; this folder is the only one of Core that knows which it is.</summary>
internal static class SchedulingServices
{
    /// <summary>
    /// Adds the queue, its workers, and the recovery of runs at the start. Everything comes from the container and nothing is static, so
    /// that two applications in one process each work on their own.
    /// </summary>
    public static IServiceCollection AddScheduling(this IServiceCollection services)
    {
        // The database of one's own may serve several processes, where what one was at is to go on soon with another.
        services.AddOptions<JobOptions>()
            .Configure<Store>(static (options, store) => options.TakeOverAfter = TimeSpan.FromSeconds(store.IsShared ? 10 : 30))
            .BindConfiguration(JobOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<JobOptions>, JobOptionsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStoreSchema, HangfireSchema>());
        services.TryAddSingleton<IRunScheduler, HangfireScheduler>();
        services.TryAddSingleton<JobStorage>(static provider => new PostgreSqlStorage(
            new StoreConnections(provider.GetRequiredService<IStore>()),
            HangfireSettings.Storage(provider.GetRequiredService<IOptions<JobOptions>>().Value)));
        // Without the queue's global filters, which try everything ten times again: what may be tried again says so itself.
        services.TryAddSingleton<IJobFilterProvider>(static _ => new JobFilterProviderCollection(
            new JobFilterCollection { new StatisticsHistoryAttribute() }, new JobFilterAttributeFilterProvider()));
        services.TryAddSingleton<JobActivator>(
            static provider => new AspNetCoreJobActivator(provider.GetRequiredService<IServiceScopeFactory>()));
        services.TryAddTransient<RunJob>();
        services.TryAddTransient<UpkeepJob>();
        services.TryAddTransient<WakeUpJob>();
        services.AddHangfire(static (provider, configuration) => configuration.SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings()
            .UseLogProvider(new HangfireLogs(provider.GetRequiredService<ILoggerFactory>())));

        services.TryAddSingleton<RunRecovery>();
        services.AddHostedService(static provider => provider.GetRequiredService<RunRecovery>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<RunRecovery>());
        services.AddHostedService<UpkeepPlan>();
        services.TryAddSingleton<WakeUpPlan>();
        services.TryAddSingleton<IWakeUps>(static provider => provider.GetRequiredService<WakeUpPlan>());
        services.AddHostedService(static provider => provider.GetRequiredService<WakeUpPlan>());
        AddServer(services, HangfireSettings.Runs, static options => options.Workers, TimeSpan.FromSeconds(20));
        // What plans the queue may wait for a lock and not be told to stop: it has nothing to give back.
        AddServer(services, HangfireSettings.Upkeep, static _ => 1, TimeSpan.FromSeconds(3));
        return services;
    }

    // Two servers, so that runs that fill every worker hold up nothing that happens by the clock. That of the runs has workers alone, so
    // that nothing holds up its end.
    private static void AddServer(IServiceCollection services, string queue, Func<JobOptions, int> workers, TimeSpan patience) =>
        services.AddHangfireServer((provider, options) =>
        {
            options.ServerName = $"{Environment.MachineName.ToLowerInvariant()}-{queue}";
            options.Queues = [queue];
            options.IsLightweightServer = queue == HangfireSettings.Runs;
            options.WorkerCount = workers(provider.GetRequiredService<IOptions<JobOptions>>().Value);
            options.SchedulePollingInterval = TimeSpan.FromSeconds(2);
            options.CancellationCheckInterval = TimeSpan.FromSeconds(1);
            options.HeartbeatInterval = TimeSpan.FromSeconds(5);
            options.ServerCheckInterval = TimeSpan.FromSeconds(15);
            options.ServerTimeout = TimeSpan.FromSeconds(30);
            options.StopTimeout = TimeSpan.Zero;
            // Below the host's own, so that it is the queue that gives its jobs back.
            options.ShutdownTimeout = patience;
        });

    // One pool for the application and its queue.
    private sealed class StoreConnections(IStore store) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => store.Database.CreateConnection();
    }
}
