using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Provisioning.Logins;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Connect;

/// <summary>Registers what other programs connect by.</summary>
public static class ConnectServices
{
    /// <summary>Adds people's own logins and the port of this machine; after reports.</summary>
    public static IServiceCollection AddConnect(this IServiceCollection services)
    {
        services.AddOptions<ConnectOptions>().BindConfiguration(ConnectOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ConnectOptions>, ConnectOptionsValidator>());
        services.AddSingleton(static provider => new ReservedConnections(
            provider.GetRequiredService<IOptions<ConnectOptions>>().Value.Sessions));
        services.TryAddSingleton(static provider =>
        {
            var queries = provider.GetRequiredService<IOptions<QueryOptions>>().Value;
            return new PersonalLoginLimits(queries.PerPerson, queries.CsvTimeout);
        });
        services.TryAddSingleton<PersonalLogins>();
        services.TryAddSingleton<LoginCare>();
        services.AddHostedService(static provider => provider.GetRequiredService<LoginCare>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<LoginCare>());
        services.AddHostedService<PersonalSessions>();
        services.TryAddSingleton<LoopbackPorts>();
        services.AddHostedService(static provider => provider.GetRequiredService<LoopbackPorts>());
        services.AddSingleton<IUpkeep>(static provider => provider.GetRequiredService<LoopbackPorts>());
        services.TryAddSingleton<IConnect, ConnectService>();
        return services;
    }
}
