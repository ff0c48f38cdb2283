using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Pipeline.Local;
using Sparkify.Core.Pipeline.Redshift;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>Registers the load.</summary>
public static class PipelineServices
{
    /// <summary>Adds the load and what it leaves behind.</summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        services.AddStaging();
        services.TryAddSingleton<LoadRecords>();
        services.TryAddSingleton<ILoadRecords>(static provider => provider.GetRequiredService<LoadRecords>());
        services.AddKept("rejects", static keep => keep.RejectDays, RunQueries.OldRowsOf("rejects"));
        services.AddKept("checks", static keep => keep.CheckDays, RunQueries.OldRowsOf("checks"));
        services.TryAddSingleton<LoaderConnections>();
        services.TryAddSingleton<PublishedReaders>();
        services.TryAddSingleton<KeptStars>();
        services.TryAddSingleton<LoadFiles>();
        services.TryAddSingleton<IRestoredStar, RestoredStar>();
        services.TryAddSingleton<CopyTargets>();
        services.TryAddSingleton<ObjectForms>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadPlan, LocalLoad>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoadPlan, RedshiftLoad>());
        services.TryAddSingleton<RedshiftCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, LoadRun>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, CheckRun>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRunDefinition, PutBackRun>());
        services.AddHostedService<FirstStart>();
        return services;
    }
}
