using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Registers the staging path.</summary>
internal static class StagingServices
{
    /// <summary>Adds <see cref="IStager"/> and its options, which are validated at start.</summary>
    public static IServiceCollection AddStaging(this IServiceCollection services)
    {
        services.AddOptions<LoadOptions>().BindConfiguration(LoadOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<LoadOptions>, LoadOptionsValidator>());
        services.TryAddSingleton<IStager, Stager>();
        return services;
    }
}
