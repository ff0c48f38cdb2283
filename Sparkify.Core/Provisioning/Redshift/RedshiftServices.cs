using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Provisioning.Redshift.Existing;
using Sparkify.Core.Provisioning.Redshift.Export;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Registers warehouses on Redshift.</summary>
public static class RedshiftServices
{
    /// <summary>Adds the provisioner, the runs and the idle guard of Redshift.</summary>
    public static IServiceCollection AddRedshift(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new RedshiftPatience());
        services.TryAddSingleton<ProvisioningContexts>();
        services.TryAddSingleton<ClusterUsers>();
        services.TryAddSingleton<ClusterPersonalLogins>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPersonalLoginTarget, ClusterPersonalLogins>(
            static provider => provider.GetRequiredService<ClusterPersonalLogins>()));
        services.TryAddSingleton<IClusterRoles, ClusterRoles>();
        services.TryAddSingleton<ExistingScopes>();
        services.TryAddSingleton<RoleTrial>();
        services.TryAddSingleton<ExistingProvisioner>();
        services.TryAddSingleton<ExistingOperations>();
        services.TryAddSingleton<IExistingClusters>(static provider => provider.GetRequiredService<ExistingProvisioner>());
        services.TryAddSingleton<RedshiftProvisioner>();
        services.TryAddSingleton<IRedshift, ClusterOperations>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITargetProvisioner, RedshiftProvisioner>(
            static provider => provider.GetRequiredService<RedshiftProvisioner>()));
        services.TryAddSingleton<IWarehouseExports, WarehouseExports>();
        services.TryAddSingleton<IdleWatch>();
        services.TryAddSingleton<IIdleWatch>(static provider => provider.GetRequiredService<IdleWatch>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<IdleWatch>());
        services.TryAddSingleton<SpendingWatch>();
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<SpendingWatch>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, PauseRun>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, ResumeRun>());
        return services;
    }
}
