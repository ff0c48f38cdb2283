using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Reports;

/// <summary>Registers reports and queries.</summary>
public static class ReportsServices
{
    /// <summary>Adds the canned reports, dashboards of them, ad-hoc queries and what is remembered of those.</summary>
    public static IServiceCollection AddReports(this IServiceCollection services)
    {
        services.AddOptions<QueryOptions>().BindConfiguration(QueryOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<QueryOptions>, QueryOptionsValidator>());
        services.AddSingleton(static provider => new ReservedConnections(
            provider.GetRequiredService<IOptions<QueryOptions>>().Value.AtOnce));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<QueryWatch>();
        services.TryAddSingleton<QueryPlaces>();
        services.TryAddSingleton<IReports, CannedReports>();
        services.TryAddSingleton<QueryStore>();
        services.AddKept("queries", static keep => keep.QueryDays, QueryStore.DeleteOld);
        services.TryAddSingleton<IQueryStore>(static provider => provider.GetRequiredService<QueryStore>());
        services.TryAddSingleton<IQueries, QueryRunner>();
        services.TryAddSingleton<DashboardStore>();
        services.TryAddSingleton<IDashboards>(static provider => provider.GetRequiredService<DashboardStore>());
        services.AddSingleton<IStoreListener>(static provider => provider.GetRequiredService<DashboardStore>());
        return services;
    }
}
