using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Provisioning.Local;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning;

/// <summary>Registers provisioning and teardown.</summary>
public static class ProvisioningServices
{
    /// <summary>Adds the provisioners of every target and the runs that use them.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services)
    {
        services.TryAddSingleton<LocalServer>();
        services.TryAddSingleton<ReaderBounds>();
        services.AddHostedService(static provider => provider.GetRequiredService<ReaderBounds>());
        services.TryAddSingleton<PersonalLoginBook>();
        services.TryAddSingleton<PersonalLoginLocks>();
        services.TryAddSingleton<LocalLogins>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPersonalLoginTarget, LocalLogins>(
            static provider => provider.GetRequiredService<LocalLogins>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITargetProvisioner, LocalProvisioner>());
        services.TryAddSingleton<Provisioners>();
        services.TryAddSingleton<IWarehousePasswords, WarehousePasswords>();
        services.TryAddSingleton<IWarehousePlans>(static provider => provider.GetRequiredService<Provisioners>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, ProvisionRun>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, TeardownRun>());
        return services;
    }
}
