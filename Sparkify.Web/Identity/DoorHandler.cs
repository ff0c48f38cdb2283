using System.Security.Claims;
using System.Text;
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

    /// <summary>The claim with a token's secret.</summary>
    public const string Token = "token";

    /// <summary>The claim of whoever needs none.</summary>
    public const string AtTheMachine = "at the machine";

    /// <summary>The claim with the address somebody comes from.</summary>
    public const string Address = "address";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var accounts = await door.HasAccountsAsync(Context.RequestAborted);
        if (accounts && Given("Bearer") is { } token)
        {
            return await door.FindTokenAsync(token, Context.RequestAborted) is { } program
                ? Known(program.Actor.Name, new Claim(Token, token))
                : AuthenticateResult.NoResult();
        }

        if (accounts && Given("Basic") is { } pair)
        {
            return await PasswordAsync(pair);
        }

        // A page of another site gets neither data nor a circuit: what its visitor's browser sends along is not the visitor's word.
        if (Foreign.Is(Request) && IsForPrograms(Request.Path))
        {
            return AuthenticateResult.NoResult();
        }

        if (!accounts)
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
                // Said as late as can be: what answers the exception clears the headers there are.
                var how = IsForATokenIn(Request) ? "Basic realm=\"Sparkify\", charset=\"UTF-8\"" : "Bearer";
                Response.OnStarting(() =>
                {
                    Response.Headers.WWWAuthenticate = how;
                    return Task.CompletedTask;
                });
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

        throw SparkifyException.Denied(Foreign.Is(Request) ? "This request came from another site's page and was refused."
            : entrance.NeedsAccounts
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

    // The reference of the API, at /api itself, is a page for people.
    private static bool IsForPrograms(PathString path) =>
        (path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase, out var rest) && rest.HasValue)
        || path.StartsWithSegments("/openapi", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase);

    private static bool IsForATokenIn(HttpRequest request) => HttpMethods.IsPost(request.Method)
        && request.Path.StartsWithSegments("/api/v1/tokens", StringComparison.OrdinalIgnoreCase, out var rest) && rest.Value is "" or "/";

    // Only to make a token with: a password that goes along with every call would soon stand in scripts.
    private async Task<AuthenticateResult> PasswordAsync(string pair)
    {
        if (!IsForATokenIn(Request) || Decoded(pair)?.Split(':', 2) is not [var name, var password])
        {
            return AuthenticateResult.NoResult();
        }

        var secret = await door.SignInAsync(name, password, Context.From(), Context.RequestAborted);
        Response.OnCompleted(() => door.SignOutAsync(secret, CancellationToken.None));
        return Known(name, new Claim(Secret, secret));
    }

    private string? Given(string scheme) => Request.Headers.Authorization.ToString() is { } header
        && header.StartsWith($"{scheme} ", StringComparison.OrdinalIgnoreCase) ? header[(scheme.Length + 1)..].Trim() : null;

    private static string? Decoded(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private AuthenticateResult Known(string name, Claim how) => AuthenticateResult.Success(new AuthenticationTicket(
        new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.Name, name), new Claim(Address, Context.From().Address), how], Name)),
        Name));
}
