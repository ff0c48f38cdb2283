using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Sparkify.Web.Identity;

/// <summary>Settings of the section <c>Sparkify:Network</c>.</summary>
internal sealed class NetworkOptions
{
    public const string Section = "Sparkify:Network";

    /// <summary>The reverse proxies whose word on where a request comes from is taken: addresses, or networks such as 10.0.0.0/8.</summary>
    public string[] Proxies { get; set; } = [];

    /// <summary>How many pages one person may have open.</summary>
    public int MaxPagesOfOne { get; set; } = 50;

    /// <summary>How many pages everybody together may have open.</summary>
    public int MaxPages { get; set; } = 2000;
}

/// <summary>Whether a request comes from whoever sits at the machine, and whether that is enough to be let in.</summary>
internal sealed class Entrance(IServer server, IOptions<NetworkOptions> options)
{
    private static readonly string[] Forwarded = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP"];

    /// <summary>
    /// Whether there have to be accounts: when others can reach the application, who sits where no longer says who somebody is.
    /// </summary>
    public bool NeedsAccounts => options.Value.Proxies.Length > 0
        || server.Features.Get<IServerAddressesFeature>()?.Addresses.Any(static a => !IsLoopback(a)) == true;

    /// <summary>Whether a request comes from this machine, in a browser that knows it under this machine's own name.</summary>
    public bool IsAtTheMachine(HttpContext context) => !NeedsAccounts
        && (context.Connection.RemoteIpAddress is not { } remote || IPAddress.IsLoopback(remote))
        // Behind a proxy everybody would be here; and a name that leads here is no proof that the page is ours.
        && !Array.Exists(Forwarded, context.Request.Headers.ContainsKey)
        && Loopback.Is(context.Request.Host.Host);

    private static bool IsLoopback(string address) => BindingAddress.Parse(address) is { IsUnixPipe: false, IsNamedPipe: false } parsed
        && Loopback.Is(parsed.Host);
}
