using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Notices;

/// <summary>Registers notices.</summary>
public static class NoticesServices
{
    /// <summary>Adds hooks, the outbox and whoever sends what is in it; after the runs.</summary>
    public static IServiceCollection AddNotices(this IServiceCollection services)
    {
        services.TryAddSingleton(NoticePatience.Default);
        services.TryAddSingleton<HookChanges>();
        services.TryAddSingleton<DeliverySignal>();
        services.TryAddSingleton<HookSecrets>();
        services.AddSingleton<IKeptSecrets>(static provider => provider.GetRequiredService<HookSecrets>());
        services.TryAddSingleton<HookBody>();
        services.TryAddSingleton<HookCall>();
        services.TryAddSingleton<Deliveries>();
        services.TryAddSingleton<INoticeOutbox, NoticeOutbox>();
        services.TryAddSingleton<INotices, HookStore>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunWitness, RunNotices>());
        services.AddSingleton<IUpkeep, StaleNotices>();
        services.AddHostedService<DeliveryWorker>();
        return services;
    }
}
