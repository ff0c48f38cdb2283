using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>Registers warehouses on Redshift.</summary>
public static class RedshiftServices
{
    /// <summary>Adds the provisioner and the runs of Redshift; register <see cref="IRedshiftSettings"/> before to keep settings per warehouse.</summary>
    public static IServiceCollection AddRedshift(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new RedshiftPatience());
        services.TryAddSingleton<IRedshiftSettings, ConfiguredRedshiftSettings>();
        services.TryAddSingleton<RedshiftScopes>();
        services.TryAddSingleton<RedshiftProvisioner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ITargetProvisioner, RedshiftProvisioner>(static provider => provider.GetRequiredService<RedshiftProvisioner>()));
        services.TryAddSingleton<IWarehouseUse, WarehouseUse>();
        services.TryAddSingleton<IdleWatch>();
        services.TryAddSingleton<IIdleWatch>(static provider => provider.GetRequiredService<IdleWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<IdleWatch>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, PauseRun>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, ResumeRun>());
        return services;
    }
}

/// <summary>The same for every warehouse: the careful defaults, in the configured region, on the simulator where that is on.</summary>
internal sealed class ConfiguredRedshiftSettings(IOptions<AwsOptions> options) : IRedshiftSettings
{
    public Task<RedshiftSettings> GetAsync(string warehouse, CancellationToken ct)
        => Task.FromResult(new RedshiftSettings { Region = options.Value.Region, Simulated = options.Value.Simulator });
}
