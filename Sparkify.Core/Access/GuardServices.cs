using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sparkify.Core.Audit;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Access;

/// <summary>Puts guards before the services.</summary>
public static class GuardServices
{
    /// <summary>
    /// Puts a guard before every service that asks for one; after all of them are added. Whoever asks the container for one (pages,
    /// endpoints) gets the guard. Only what is there once for all, and so acts for nobody in particular, gets the service itself.
    /// </summary>
    public static IServiceCollection AddGuards(this IServiceCollection services)
    {
        services.AddSingleton<Subjects>();
        services.TryAddSingleton(new CallPatience());
        for (var at = services.Count - 1; at >= 0; at--)
        {
            var one = services[at];
            if (one.IsKeyedService || !IsOurs(one))
            {
                continue;
            }

            var guarded = one.ServiceType.GetCustomAttribute<GuardedAttribute>() is not null;
            if (guarded)
            {
                services[at] = ServiceDescriptor.KeyedSingleton(
                    one.ServiceType, Unguarded.Key, (provider, _) => Make(one, new Unguarded(provider)));
                services.AddScoped(one.ServiceType, provider => Guard.Before(
                    one.ServiceType, provider.GetRequiredKeyedService(one.ServiceType, Unguarded.Key),
                    provider.GetRequiredService<ICurrentActor>(), provider.GetRequiredService<Subjects>(),
                    provider.GetRequiredService<IAuditWriter>(), provider.GetRequiredService<CallPatience>()));
            }
            else if (one.Lifetime == ServiceLifetime.Singleton || IsCores(one))
            {
                services[at] = new ServiceDescriptor(one.ServiceType, provider => Make(one, new Unguarded(provider)), one.Lifetime);
            }
        }

        return services;
    }

    private static object Make(ServiceDescriptor one, Unguarded provider) => one.ImplementationInstance
        ?? one.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, one.ImplementationType!);

    private static bool IsOurs(ServiceDescriptor one) => one.ImplementationInstance is null && !one.ServiceType.IsGenericTypeDefinition
        && Home(one).GetName().Name!.StartsWith("Sparkify.", StringComparison.Ordinal);

    private static bool IsCores(ServiceDescriptor one) => Home(one) == typeof(GuardServices).Assembly;

    private static Assembly Home(ServiceDescriptor one) =>
        one.ImplementationType?.Assembly ?? one.ImplementationFactory?.Method.Module.Assembly ?? one.ServiceType.Assembly;
}

/// <summary>The container as the parts see it that act for nobody in particular: the services themselves, without a guard.</summary>
internal sealed class Unguarded(IServiceProvider all) : IServiceProvider
{
    /// <summary>Under what the services themselves are kept.</summary>
    public const string Key = "unguarded";

    public object? GetService(Type serviceType) => serviceType.GetCustomAttribute<GuardedAttribute>() is not null
        ? ((IKeyedServiceProvider)all).GetKeyedService(serviceType, Key)
        : all.GetService(serviceType);
}
