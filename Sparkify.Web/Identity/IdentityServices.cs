using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.HttpsPolicy;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Web.Identity.SingleSignOn;

namespace Sparkify.Web.Identity;

/// <summary>Registers who is let in, and where in the way of a request that is found out.</summary>
internal static class IdentityServices
{
    /// <summary>The limit on attempts to get in, by where they come from.</summary>
    public const string DoorLimit = "door";

    private const int AttemptsAMinute = 30;

    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.AddServerHeader = false);
        services.AddOptions<NetworkOptions>().BindConfiguration(NetworkOptions.Section);
        services.AddSingleton<Entrance>();
        services.AddSingleton<FirstCode>();
        services.AddSingleton<OpenPages>();
        services.AddSingleton<LiveRequests>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveRequests>());
        services.AddScoped<CurrentActor>();
        services.AddScoped<ICurrentActor>(static provider => provider.GetRequiredService<CurrentActor>());
        services.AddScoped(static provider => provider.GetRequiredService<ICurrentActor>().Actor); // for the endpoints of the API
        services.AddScoped<CircuitHandler, CircuitActor>();
        services.AddAuthentication(DoorHandler.Name)
            .AddScheme<AuthenticationSchemeOptions, DoorHandler>(DoorHandler.Name, static _ => { })
            .AddCookie(static cookie =>
            {
                cookie.Cookie.Name = "sparkify";
                cookie.Cookie.SameSite = SameSiteMode.Lax;
                cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                // How long a session lasts says its row.
                cookie.SlidingExpiration = false;
                cookie.ExpireTimeSpan = TimeSpan.FromDays(30);
            });
        services.AddSingleSignOn();
        services.AddScoped<IAuthorizationHandler, RightHandler>();
        var policies = services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        foreach (var right in Enum.GetValues<Right>())
        {
            policies.AddPolicy(
                right.ToString(), p => p.RequireAuthenticatedUser().AddRequirements(new RightNeeded(right, Anywhere: false)));
            policies.AddPolicy(
                right + Somewhere.Suffix, p => p.RequireAuthenticatedUser().AddRequirements(new RightNeeded(right, Anywhere: true)));
        }

        services.AddRateLimiter(static limiter =>
        {
            limiter.OnRejected = static (_, _) => throw new SparkifyException(
                ProblemKind.TooMany, "Too many attempts from your address. Wait a minute, then try again.");
            limiter.AddPolicy(DoorLimit, static context => HttpMethods.IsPost(context.Request.Method)
                ? RateLimitPartition.GetFixedWindowLimiter(
                    context.From().Address,
                    static _ => new FixedWindowRateLimiterOptions { PermitLimit = AttemptsAMinute, Window = TimeSpan.FromMinutes(1) })
                : RateLimitPartition.GetNoLimiter(""));
        });
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<NetworkOptions>>(static (forwarded, network) =>
        {
            forwarded.ForwardedHeaders =
                ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in network.Value.Proxies)
            {
                if (System.Net.IPNetwork.TryParse(proxy, out var net))
                {
                    forwarded.KnownIPNetworks.Add(net);
                }
                else
                {
                    forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
                }
            }
        });
        services.Configure<HstsOptions>(static hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        services.AddSingleton<IValidateOptions<NetworkOptions>, NetworkOptionsValidator>();
        services.AddOptions<NetworkOptions>().ValidateOnStart();
        return services;
    }

    /// <summary>From here on in the way of a request it is known who asks.</summary>
    public static WebApplication UseIdentity(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Proxies.Length > 0)
        {
            app.UseForwardedHeaders();
        }

        // Behind TLS; a browser that knows this name as "localhost" is told nothing.
        app.UseHsts();
        app.UseOwnPagesOnly();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAuthentication();
        app.Use(static async (context, next) =>
        {
            if (context.User.Identity is { IsAuthenticated: true })
            {
                var current = context.RequestServices.GetRequiredService<CurrentActor>();
                await current.UseAsync(context.User, context.RequestAborted);
                await context.RequestServices.GetRequiredService<LiveRequests>().RunAsync(context, current.Caller!, next);
            }
            else
            {
                await next(context);
            }
        });
        app.UseAuthorization();
        app.MapSingleSignOn();
        return app;
    }

    // Browsers say where a request comes from; another site's page must not start or cancel anything here.
    private static void UseOwnPagesOnly(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (Foreign.Is(context.Request) && !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            throw SparkifyException.Denied("This request came from another site's page and was refused.");
        }

        return next(context);
    });

    private sealed class NetworkOptionsValidator : IValidateOptions<NetworkOptions>
    {
        public ValidateOptionsResult Validate(string? name, NetworkOptions options)
        {
            List<string> wrong =
            [
                .. options.Proxies.Where(static p => !System.Net.IPNetwork.TryParse(p, out _) && !IPAddress.TryParse(p, out _))
                    .Select(static p => $"{NetworkOptions.Section}:Proxies: '{p}' is neither an address nor a network such as 10.0.0.0/8."),
            ];
            foreach (var (limit, value) in new[]
                { (nameof(options.MaxPagesOfOne), options.MaxPagesOfOne), (nameof(options.MaxPages), options.MaxPages) })
            {
                if (value < 1)
                {
                    wrong.Add($"{NetworkOptions.Section}:{limit} must be at least 1, was {value}.");
                }
            }

            return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
        }
    }
}
