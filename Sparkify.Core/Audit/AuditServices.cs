using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Audit;

/// <summary>Registers the audit trail.</summary>
public static class AuditServices
{
    /// <summary>Adds it; after the store.</summary>
    public static IServiceCollection AddAudit(this IServiceCollection services)
    {
        services.TryAddSingleton<AuditStore>();
        services.TryAddSingleton<IAuditTrail>(static provider => provider.GetRequiredService<AuditStore>());
        services.TryAddSingleton<IAuditWriter>(static provider => provider.GetRequiredService<AuditStore>());
        services.AddSingleton(static provider => AuditStore.Kept(provider.GetRequiredService<IOptions<SparkifyOptions>>().Value));
        services.AddSingleton<IUpkeep, Retention>();
        return services;
    }
}
