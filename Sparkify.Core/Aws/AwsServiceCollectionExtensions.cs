using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws.Clients;
using Sparkify.Core.Aws.Connections;
using Sparkify.Core.Common;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Aws;

/// <summary>Registers the AWS feature.</summary>
public static class AwsServiceCollectionExtensions
{
    /// <summary>Adds <see cref="IAws"/> and its options.</summary>
    public static IServiceCollection AddAws(this IServiceCollection services)
    {
        services.AddOptions<AwsOptions>().BindConfiguration(AwsOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AwsOptions>, AwsOptionsValidator>());
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton<AwsSignals>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new AwsTimeouts());
        services.TryAddSingleton<IAwsLogins, NoLogins>();
        services.TryAddSingleton<AwsClientFactory>();
        services.TryAddSingleton<IAws>(static provider => provider.GetRequiredService<AwsClientFactory>());
        return services;
    }

    /// <summary>Adds the connections that are kept in the store; before <see cref="AddAws"/>.</summary>
    public static IServiceCollection AddAwsConnections(this IServiceCollection services)
    {
        services.TryAddSingleton(static provider => new AwsConnectionStore(
            provider.GetRequiredService<IStore>(), provider.GetRequiredService<ISecretBox>(),
            // Each needs the other: it to try a login, the other to find one.
            new Lazy<IAwsLoginTest>(provider.GetRequiredService<AwsClientFactory>), provider.GetServices<IKeptSecrets>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IAwsConnections>(static provider => provider.GetRequiredService<AwsConnectionStore>());
        services.TryAddSingleton<IAwsLogins>(static provider => provider.GetRequiredService<AwsConnectionStore>());
        return services;
    }
}
