using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Sparkify.Core.People;

namespace Sparkify.Web.Identity;

/// <summary>A browser comes in and goes: its cookie, with the session it stands for.</summary>
internal static class Visit
{
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    /// <summary>Where a request comes from.</summary>
    public static CameFrom From(this HttpContext http) =>
        new(http.Connection.RemoteIpAddress?.ToString() ?? "", http.Request.Headers.UserAgent.ToString());

    /// <summary>Signs a browser in; a session it had before ends.</summary>
    public static async Task SignInAsync(this HttpContext http, IDoor door, string name, string password)
    {
        var secret = await door.SignInAsync(name, password, http.From(), http.RequestAborted);
        await EndAsync(http, door);
        await http.SignInAsync(
            Scheme, new ClaimsPrincipal(new ClaimsIdentity([new Claim(DoorHandler.Secret, secret)], Scheme)),
            new AuthenticationProperties { IsPersistent = true });
    }

    /// <summary>Signs a browser out.</summary>
    public static async Task SignOutAsync(this HttpContext http, IDoor door)
    {
        await EndAsync(http, door);
        await http.SignOutAsync(Scheme);
    }

    /// <summary>An address of this application, where one is asked for; Home for any other.</summary>
    public static string Inside(string? address) =>
        address is ['/', ..] and not ['/', '/' or '\\', ..] && !address.Any(char.IsControl) ? address : "/";

    private static async Task EndAsync(HttpContext http, IDoor door)
    {
        if ((await http.AuthenticateAsync(Scheme)).Principal?.FindFirstValue(DoorHandler.Secret) is { } secret)
        {
            await door.SignOutAsync(secret, http.RequestAborted);
        }
    }
}
