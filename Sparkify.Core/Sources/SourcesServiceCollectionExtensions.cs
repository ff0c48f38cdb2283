using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Explore;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Core.Sources;

/// <summary>Registers the feature.</summary>
public static class SourcesServiceCollectionExtensions
{
    /// <summary>Adds <see cref="ISources"/>, <see cref="ISourceExplorer"/> and their settings; what is registered already wins.</summary>
    public static IServiceCollection AddSources(this IServiceCollection services, Action<SourceOptions>? configure = null)
    {
        services.AddAws();
        services.AddOptions<SparkifyOptions>().BindConfiguration(SparkifyOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkifyOptions>, SparkifyOptionsValidator>());

        var options = services.AddOptions<SourceOptions>().BindConfiguration(SourceOptions.Section).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SourceOptions>, SourceOptionsValidator>());
        services.AddOptions<RecordOptions>().BindConfiguration(RecordOptions.Section);
        services.TryAddSingleton<SourceAccess>();
        services.TryAddSingleton<S3Buckets>();
        services.TryAddSingleton<SampleFolder>();
        services.TryAddSingleton<ISources, SourceCatalog>();
        services.TryAddSingleton<ISourceExplorer, SourceExplorer>();
        return services;
    }
}
