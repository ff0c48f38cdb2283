using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Sparkify.Core.People;

namespace Sparkify.Web.Identity;

/// <summary>A browser comes in and goes: its cookie, with the session it stands for.</summary>
internal static class Visit
{
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    // What a browser is known by, whoever signs in from it and however long ago. It opens nothing.
    private const string Browser = "sparkify-browser";
    private const int BrowserDays = 180;

    /// <summary>Where a request comes from.</summary>
    public static CameFrom From(this HttpContext http) => new(
        http.Connection.RemoteIpAddress?.ToString() ?? "", http.Request.Headers.UserAgent.ToString(), http.Request.Cookies[Browser]);

    /// <summary>Signs a browser in with a password; a session it had before ends.</summary>
    public static Task SignInAsync(this HttpContext http, IDoor door, string name, string password) =>
        SignInAsync(http, door, from => door.SignInAsync(name, password, from, http.RequestAborted));

    /// <summary>Signs a browser in for whom a single sign-on vouches; a session it had before ends.</summary>
    public static Task SignInAsync(this HttpContext http, IDoor door, Vouched who) =>
        SignInAsync(http, door, from => door.SignInAsync(who, from, http.RequestAborted));

    /// <summary>Signs a browser out.</summary>
    public static async Task SignOutAsync(this HttpContext http, IDoor door)
    {
        await EndAsync(http, door);
        await http.SignOutAsync(Scheme);
    }

    /// <summary>An address of this application, where one is asked for; Home for any other.</summary>
    public static string Inside(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : "/";

    private static async Task SignInAsync(HttpContext http, IDoor door, Func<CameFrom, Task<string>> signIn)
    {
        var here = http.From();
        var kept = here.Kept ?? RandomNumberGenerator.GetHexString(32, lowercase: true);
        var secret = await signIn(here with { Kept = kept });
        await EndAsync(http, door);
        http.Response.Cookies.Append(Browser, kept, new CookieOptions
        {
            HttpOnly = true,
            Secure = http.Request.IsHttps,
            SameSite = SameSiteMode.Lax,
            MaxAge = TimeSpan.FromDays(BrowserDays),
        });
        await http.SignInAsync(
            Scheme, new ClaimsPrincipal(new ClaimsIdentity([new Claim(DoorHandler.Secret, secret)], Scheme)),
            new AuthenticationProperties { IsPersistent = true });
    }

    private static async Task EndAsync(HttpContext http, IDoor door)
    {
        if ((await http.AuthenticateAsync(Scheme)).Principal?.FindFirstValue(DoorHandler.Secret) is { } secret)
        {
            await door.SignOutAsync(secret, http.RequestAborted);
        }
    }
}
