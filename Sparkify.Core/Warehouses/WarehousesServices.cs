using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses.Profiles;

namespace Sparkify.Core.Warehouses;

/// <summary>Registers the warehouses.</summary>
public static class WarehousesServices
{
    /// <summary>Adds the registry, the journal, the connections, the tables and their profiles.</summary>
    public static IServiceCollection AddWarehouses(this IServiceCollection services)
    {
        services.TryAddSingleton<WarehouseChanges>();
        services.TryAddSingleton<WarehouseMoves>();
        services.TryAddSingleton<IWarehouses, WarehouseRegistry>();
        services.TryAddSingleton<IWarehouseJournal, WarehouseJournal>();
        services.TryAddSingleton<WarehouseKeys>();
        services.TryAddSingleton<LoginBox>();
        services.TryAddSingleton<ClusterLogins>();
        services.AddSingleton<IKeptSecrets, LoginSecrets>();
        services.TryAddSingleton<IWarehouseDatabases, WarehouseDatabases>();
        services.TryAddSingleton<ITables, Tables>();
        services.TryAddSingleton<StarVersions>();
        services.AddSingleton<IStoreListener, WarehouseNews>();
        services.TryAddSingleton<IStarVersions>(static provider => provider.GetRequiredService<StarVersions>());
        services.TryAddSingleton<ITableProfiles, TableProfiles>();
        services.TryAddSingleton<IWarehouseUse, WarehouseUse>();
        return services;
    }
}
