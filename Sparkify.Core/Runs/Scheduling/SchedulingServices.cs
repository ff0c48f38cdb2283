using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>Registers the scheduler; this folder is the only one that knows which it is.</summary>
internal static class SchedulingServices
{
    /// <summary>Adds the scheduler, and the recovery of runs at the start.</summary>
    public static IServiceCollection AddScheduling(this IServiceCollection services)
    {
        services.TryAddSingleton<IRunScheduler, QuartzRunScheduler>();
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
