using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws.Clients;

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
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new AwsTimeouts());
        services.TryAddSingleton<IAws, AwsClientFactory>();
        return services;
    }
}
