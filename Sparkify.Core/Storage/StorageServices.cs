using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Storage.Backup;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Core.Storage;

/// <summary>Registers the store.</summary>
public static class StorageServices
{
    /// <summary>Adds the store; its hosted service must be added before those that need the database.</summary>
    public static IServiceCollection AddStorage(this IServiceCollection services)
    {
        services.AddOptions<SparkifyOptions>().BindConfiguration(SparkifyOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SparkifyOptions>, SparkifyOptionsValidator>());
        services.AddOptions<KeepOptions>().BindConfiguration(KeepOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<KeepOptions>, KeepOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => new PostgresFolder(
            Path.Combine(provider.GetRequiredService<IOptions<SparkifyOptions>>().Value.DataDirectory, "postgres")));
        services.TryAddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<IOptions<SparkifyOptions>>().Value;
            return new EmbeddedPostgres(
                provider.GetRequiredService<PostgresFolder>(), options.PostgresBinaries,
                provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EmbeddedPostgres>>());
        });
        services.TryAddSingleton(static provider => new Store(
            provider.GetRequiredService<EmbeddedPostgres>(),
            provider.GetRequiredService<IConfiguration>().GetConnectionString("Sparkify") is { Length: > 0 } given ? given : null,
            provider.GetServices<IStoreSchema>(), provider.GetRequiredService<ILogger<Store>>()));
        services.TryAddSingleton<IStore>(static provider => provider.GetRequiredService<Store>());
        services.TryAddSingleton<IStorePassword>(static provider => provider.GetRequiredService<Store>());
        services.TryAddSingleton<IStoreBackups, StoreBackups>();
        services.AddHostedService<StoreStarter>();
        services.AddHostedService<StoreNews>();
        services.TryAddSingleton<StoreWatch>();
        services.TryAddSingleton<IStoreWatch>(static provider => provider.GetRequiredService<StoreWatch>());
        services.AddHostedService(static provider => provider.GetRequiredService<StoreWatch>());
        return services;
    }

    /// <summary>Adds rows of the store that are kept for as long as the settings say.</summary>
    internal static void AddKept(this IServiceCollection services, string what, Func<KeepOptions, int> days, string sql) =>
        services.AddSingleton(provider => new Kept(what, days(provider.GetRequiredService<IOptions<KeepOptions>>().Value), sql));

    private sealed class StoreStarter(Store store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => store.StartAsync(cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
