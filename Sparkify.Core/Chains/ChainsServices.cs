using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Chains;

/// <summary>Registers the chains.</summary>
public static class ChainsServices
{
    /// <summary>Adds them; after runs, notices and reports.</summary>
    public static IServiceCollection AddChains(this IServiceCollection services)
    {
        services.TryAddSingleton<ChainChanges>();
        services.AddSingleton<IStoreListener>(static provider => provider.GetRequiredService<ChainChanges>());
        services.AddSingleton<IRunGate, ChainGate>();
        services.TryAddSingleton<ChainWork>();
        services.AddHostedService(static provider => provider.GetRequiredService<ChainWork>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<ChainWork>());
        services.TryAddSingleton<IChains, ChainService>();
        services.TryAddSingleton<SavedReports>();
        services.TryAddSingleton<ISavedReports>(static provider => provider.GetRequiredService<SavedReports>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<SavedReports>());
        services.AddSingleton<IRunDefinition, ExportRun>();
        services.AddKept("chains", static keep => keep.RunDays, ChainRows.DeleteOld);
        return services;
    }
}
