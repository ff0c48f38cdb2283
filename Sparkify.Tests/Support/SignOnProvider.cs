using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Sparkify.Tests.Support;

/// <summary>
/// A provider of OpenID Connect on a port of this machine, made of OpenIddict's server: it asks nobody for a password and signs in whoever
/// the test says it is. It takes the code flow with PKCE only, one client with its secret, and each code once.
/// </summary>
internal sealed class SignOnProvider : IAsyncDisposable
{
    public const string Client = "sparkify-tests";
    public const string Secret = "a secret of the tests alone";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, bool> _codes = new(StringComparer.Ordinal);

    private SignOnProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddAuthentication();
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode();
            server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token");
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            server.RegisterScopes(Scopes.OpenId, Scopes.Profile, Scopes.Roles);
            server.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
            server.UseAspNetCore().DisableTransportSecurityRequirement();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != Client)
                {
                    context.Reject(Errors.InvalidClient);
                }

                return default;
            }));
            server.AddEventHandler<HandleAuthorizationRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                Asked.Enqueue(context.Request);
                if (Denies)
                {
                    context.Reject(Errors.AccessDenied);
                }
                else
                {
                    context.SignIn(Person(context.Request));
                }

                return default;
            }));
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(context =>
            {
                if (context.ClientId != Client || context.ClientSecret != Secret)
                {
                    context.Reject(Errors.InvalidClient);
                }
                else if (!_codes.TryAdd(context.Request.Code!, value: true))
                {
                    context.Reject(Errors.InvalidGrant, "The code was used already.");
                }

                return default;
            }));
        });
        _app = builder.Build();
        _app.UseAuthentication();
    }

    /// <summary>What it calls whoever signs in for good.</summary>
    public string Subject { get; set; } = "0001";

    /// <summary>What it calls whoever signs in for people.</summary>
    public string Name { get; set; } = "carol@example.com";

    /// <summary>What it says of whoever signs in.</summary>
    public string[] Roles { get; set; } = [];

    /// <summary>Whether it refuses everybody.</summary>
    public bool Denies { get; set; }

    /// <summary>What it was asked at its page.</summary>
    public ConcurrentQueue<OpenIddictRequest> Asked { get; } = [];

    /// <summary>Where it answers.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The settings that lead an application to it.</summary>
    public string[] Arguments =>
    [
        "--Sparkify:SingleSignOn:Authority", Address,
        "--Sparkify:SingleSignOn:ClientId", Client, "--Sparkify:SingleSignOn:ClientSecret", Secret,
        "--Sparkify:SingleSignOn:Name", "Example", "--Sparkify:SingleSignOn:Scopes:0", "roles",
        .. Role(0, "data-admins", "admin"), .. Role(1, "data-readers", "viewer"), .. Role(2, "music-team", "operator", "music"),
    ];

    public static async Task<SignOnProvider> StartAsync()
    {
        var provider = new SignOnProvider();
        await provider._app.StartAsync();
        provider.Address = provider._app.Urls.Single();
        return provider;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static string[] Role(int at, string value, string role, string? warehouse = null) =>
    [
        $"--Sparkify:SingleSignOn:Roles:{at}:Value", value, $"--Sparkify:SingleSignOn:Roles:{at}:Role", role,
        .. warehouse is null ? (string[])[] : [$"--Sparkify:SingleSignOn:Roles:{at}:Warehouse", warehouse],
    ];

    private ClaimsPrincipal Person(OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity("provider", Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, Subject).SetClaim(Claims.PreferredUsername, Name)
            .SetClaims("roles", [.. Roles]);
        identity.SetScopes(request.GetScopes());
        identity.SetDestinations(static claim => [Destinations.IdentityToken]);
        return new ClaimsPrincipal(identity);
    }
}
