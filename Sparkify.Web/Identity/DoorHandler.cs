using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.People;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Identity;

/// <summary>
/// Finds out who asks. While there are no accounts that is whoever sits at the machine; afterwards whoever holds the cookie of a session.
/// </summary>
internal sealed class DoorHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, IDoor door, Entrance entrance)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    /// <summary>The scheme.</summary>
    public const string Name = "door";

    /// <summary>The claim with a session's secret.</summary>
    public const string Secret = "secret";

    /// <summary>The claim of whoever needs none.</summary>
    public const string AtTheMachine = "at the machine";

    /// <summary>The claim with the address somebody comes from.</summary>
    public const string Address = "address";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!await door.HasAccountsAsync(Context.RequestAborted))
        {
            return entrance.IsAtTheMachine(Context) ? Known(Actor.LocalAdministrator.Name, new Claim(AtTheMachine, "yes"))
                : AuthenticateResult.NoResult();
        }

        var kept = await Context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return kept.Principal?.FindFirstValue(Secret) is { } secret
            && await door.FindAsync(secret, Context.RequestAborted) is { } caller
            ? Known(caller.Actor.Name, new Claim(Secret, secret))
            : AuthenticateResult.NoResult();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var page = HttpMethods.IsGet(Request.Method) && !IsForPrograms(Request.Path);
        if (await door.HasAccountsAsync(Context.RequestAborted))
        {
            if (!page)
            {
                Response.Headers.WWWAuthenticate = "Bearer";
                throw SparkifyException.SignedOut();
            }

            Response.Redirect(Url.With("/sign-in", ("return", Request.Path + Request.QueryString)));
            return;
        }

        if (page && entrance.NeedsAccounts)
        {
            Response.Redirect("/first");
            return;
        }

        throw SparkifyException.Denied(entrance.NeedsAccounts
            ? "Nobody is registered yet. Open this address in a browser and make the administrator with the code that the application printed at its start."
            : "Until people are registered, Sparkify answers only on the machine it runs on, under the name localhost. Reach it through an SSH tunnel to its port.");
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (!HttpMethods.IsGet(Request.Method) || IsForPrograms(Request.Path))
        {
            throw SparkifyException.Denied("Your roles do not let you see this. An administrator can give you another one.");
        }

        Response.Redirect("/not-yours");
        return Task.CompletedTask;
    }

    private static bool IsForPrograms(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase);

    private AuthenticateResult Known(string name, Claim how) => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, name), new Claim(Address, Context.Connection.RemoteIpAddress?.ToString() ?? ""), how], Name)),
        Name));
}
