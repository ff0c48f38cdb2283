using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Quartz;
using Sparkify.Core.Runs.Scheduling;

namespace Sparkify.Core.Runs;

/// <summary>Registers the runs and their scheduler.</summary>
public static class RunsServices
{
    /// <summary>Adds the runs; after the store.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services)
    {
        services.TryAddSingleton<RunBoard>();
        services.TryAddSingleton<RunLedger>();
        services.TryAddSingleton<RunQueries>();
        services.TryAddSingleton<RunPen>();
        services.TryAddSingleton<RunQueue>();
        services.TryAddSingleton<RunShell>();
        services.TryAddSingleton<IRunScheduler, QuartzRunScheduler>();
        services.TryAddSingleton<IRuns, RunService>();
        services.TryAddSingleton<IRunHealth, RunHealth>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(25));
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                scheduler.InstanceName = "sparkify";
                // The same at every start, so that a restart recovers at once what it was executing when it was killed.
                scheduler.InstanceId = "sparkify";
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
                scheduler.DefaultTimeZone = TimeZoneInfo.Utc;
            });
            quartz.UseDefaultThreadPool(8);
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(postgres => postgres.UseRegisteredDataSource = true);
                store.UseSystemTextJsonSerializer();
                store.UseClustering();
                store.ProvisionSchema();
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = "qrtz_";
                    options.StoreJobDataAsStrings = true;
                    options.AcceptEnlistedTransactions = true;
                    options.RecoverFiringsCancelledByShutdown = true;
                });
            });
            // The shell turns a step's failure into an outcome; what still gets out is a store that does not answer.
            quartz.UseDefaultRetryPolicy(RetryPolicy.Exponential(20, TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1), 0.2));
        });
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        services.AddHostedService<RunRecovery>();
        return services;
    }
}
