using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Schedules;

/// <summary>Registers the schedules.</summary>
public static class SchedulesServices
{
    /// <summary>Adds them; after runs and people.</summary>
    public static IServiceCollection AddSchedules(this IServiceCollection services)
    {
        services.TryAddSingleton<ScheduleChanges>();
        services.TryAddSingleton<DueTimes>();
        services.TryAddSingleton<IWoken>(static provider => provider.GetRequiredService<DueTimes>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<DueTimes>());
        services.TryAddSingleton<ISchedules, ScheduleService>();
        services.AddHostedService<WaitingTimes>();
        return services;
    }
}
