using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Sparkify.Core.Common;
using Sparkify.Core.People;

namespace Sparkify.Web.Identity.SingleSignOn;

/// <summary>Signing in with a provider of OpenID Connect, where the settings name one: by code, with PKCE.</summary>
internal static partial class SingleSignOnServices
{
    /// <summary>Where signing in with it begins.</summary>
    public const string Address = "/sign-in/through";

    // Where the provider sends people back to; it has to know it.
    private const string Back = "/sign-in/back";
    private const string Scheme = "single sign-on";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static IServiceCollection AddSingleSignOn(this IServiceCollection services)
    {
        services.AddOptions<SingleSignOnOptions>().BindConfiguration(SingleSignOnOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SingleSignOnOptions>, SingleSignOnOptionsValidator>();
        services.AddSingleton<SignInNote>();
        services.AddSingleton<RefusedReplies>();
        services.TryAddTransient<OpenIdConnectHandler>();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<OpenIdConnectOptions>, OpenIdConnectPostConfigureOptions>());
        // Not by AddOpenIdConnect: a scheme without settings would be asked at every request, and fail.
        services.AddOptions<AuthenticationOptions>().Configure<IOptions<SingleSignOnOptions>>(static (schemes, signOn) =>
        {
            if (signOn.Value.IsOn)
            {
                schemes.AddScheme<OpenIdConnectHandler>(Scheme, signOn.Value.Name);
            }
        });
        services.AddOptions<OpenIdConnectOptions>(Scheme).Configure<IOptions<SingleSignOnOptions>>(
            static (oidc, signOn) => Configure(oidc, signOn.Value));
        return services;
    }

    /// <summary>Maps where it begins.</summary>
    public static void MapSingleSignOn(this WebApplication app) => app.MapGet(
        Address, static async (HttpContext http, IOptions<SingleSignOnOptions> signOn, SignInNote note, string? @return) =>
        {
            if (!signOn.Value.IsOn)
            {
                throw SparkifyException.NotFound("There is no single sign-on here. Sign in with a password.");
            }

            try
            {
                await http.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = Visit.Inside(@return) });
            }
            catch (InvalidOperationException ex) when (!http.Response.HasStarted)
            {
                // Its description cannot be read: it does not answer, or is none.
                Failed(http.RequestServices.GetRequiredService<ILogger<OpenIdConnectHandler>>(), ex);
                http.Response.Redirect(note.Page(NoAnswer(signOn.Value), @return));
            }
        }).AllowAnonymous().ExcludeFromDescription();

    private static void Configure(OpenIdConnectOptions oidc, SingleSignOnOptions signOn)
    {
        oidc.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        oidc.Authority = signOn.Authority;
        oidc.RequireHttpsMetadata = signOn.Authority!.StartsWith(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
        oidc.BackchannelTimeout = Patience;
        oidc.ClientId = signOn.ClientId;
        oidc.ClientSecret = signOn.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        // Not posted back: a post from another site's page is refused, and gets no cookies.
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.CallbackPath = Back;
        // One's session ends here and nowhere else.
        oidc.RemoteSignOutPath = default;
        oidc.SignedOutCallbackPath = default;
        oidc.MapInboundClaims = false;
        foreach (var scope in signOn.Scopes)
        {
            oidc.Scope.Add(scope);
        }

        foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        }

        oidc.Events.OnTicketReceived = ReceivedAsync;
        oidc.Events.OnRemoteFailure = FailedAsync;
    }

    private static async Task ReceivedAsync(TicketReceivedContext context)
    {
        var services = context.HttpContext.RequestServices;
        var signOn = services.GetRequiredService<IOptions<SingleSignOnOptions>>().Value;
        var user = context.Principal!;
        var subject = user.FindFirst("sub")!;
        context.HandleResponse();
        try
        {
            await context.HttpContext.SignInAsync(services.GetRequiredService<IDoor>(), new Vouched(
                subject.Issuer, subject.Value, user.FindFirstValue(signOn.NameClaim) ?? "",
                signOn.GrantsOf(user.FindAll(signOn.RoleClaim).Select(static c => c.Value))));
            context.Response.Redirect(Visit.Inside(context.ReturnUri));
        }
        catch (SparkifyException ex)
        {
            context.Response.Redirect(services.GetRequiredService<SignInNote>().Page(ex.Message, context.ReturnUri));
        }
    }

    private static async Task FailedAsync(RemoteFailureContext context)
    {
        var services = context.HttpContext.RequestServices;
        var signOn = services.GetRequiredService<IOptions<SingleSignOnOptions>>().Value;
        Failed(services.GetRequiredService<ILogger<OpenIdConnectHandler>>(), context.Failure!);
        var sentence = context.Request.Query["error"].ToString() is "access_denied" ? $"You were not let in by {signOn.Name}."
            : IsOfTheWay(context.Failure) ? NoAnswer(signOn)
            : "This sign-in is over: it was done already, begun in another browser, or too long ago. Begin again.";
        // Whoever hangs up at once is recorded all the same.
        await services.GetRequiredService<RefusedReplies>().RecordAsync(context.HttpContext.From(), sentence, CancellationToken.None);
        context.HandleResponse();
        context.Response.Redirect(services.GetRequiredService<SignInNote>().Page(sentence, context.Properties?.RedirectUri));
    }

    private static string NoAnswer(SingleSignOnOptions signOn) =>
        $"{char.ToUpperInvariant(signOn.Name[0])}{signOn.Name[1..]} does not answer just now. Try again in a moment, or sign in with a password if you have one.";

    private static bool IsOfTheWay(Exception? ex) => ex is not null
        && (ex is HttpRequestException or IOException or OperationCanceledException || IsOfTheWay(ex.InnerException));

    [LoggerMessage(9102, LogLevel.Warning, "Signing in with the single sign-on failed")]
    private static partial void Failed(ILogger logger, Exception exception);
}
