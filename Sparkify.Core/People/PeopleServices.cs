using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Sparkify.Core.People;

/// <summary>Registers people, sessions, tokens and the door.</summary>
public static class PeopleServices
{
    /// <summary>Adds them; after the store.</summary>
    public static IServiceCollection AddPeople(this IServiceCollection services)
    {
        services.TryAddSingleton<Standing>();
        services.TryAddSingleton<FailedSignIns>();
        services.TryAddSingleton<PersonChanges>();
        services.TryAddSingleton<PersonRights>();
        services.TryAddSingleton<VouchedPeople>();
        services.TryAddSingleton<IDoor, Door>();
        services.TryAddSingleton<IPeople, PeopleRegistry>();
        services.TryAddSingleton<ISessions, SessionRegistry>();
        services.TryAddSingleton<ITokens, TokenRegistry>();
        services.AddHostedService<FirstPerson>();
        return services;
    }
}
