using System.Net;
using System.Net.Sockets;
using Sparkify.Core.Common;

namespace Sparkify.Web;

/// <summary>Where the application answers: looked at before anything is made, and put into words once it is ready.</summary>
internal static class Addresses
{
    /// <summary>
    /// Throws a sentence when an address of the settings cannot be listened at. The server itself would say so only after the database
    /// was made and started.
    /// </summary>
    public static void MustBeFree(IConfiguration settings)
    {
        foreach (var address in Wanted(settings))
        {
            var parsed = Parse(address);
            foreach (var end in Ends(parsed))
            {
                Try(address, end);
            }
        }
    }

    /// <summary>An address as a person on this machine opens it.</summary>
    public static string ToOpen(string bound) =>
        Uri.TryCreate(bound, UriKind.Absolute, out var uri) && uri.Host is "[::]" or "0.0.0.0"
            ? new UriBuilder(uri) { Host = "localhost" }.Uri.GetLeftPart(UriPartial.Authority)
            : bound;

    // Endpoints of Kestrel's own section take the place of "urls".
    private static string[] Wanted(IConfiguration settings)
    {
        string[] endpoints = [.. settings.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>()];
        return endpoints is not [] ? endpoints
            : settings[WebHostDefaults.ServerUrlsKey]?.Split(
                ';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
    }

    private static BindingAddress Parse(string address)
    {
        try
        {
            var parsed = BindingAddress.Parse(address);
            return parsed is { Port: 0, Host: "localhost" }
                ? throw SparkifyException.Invalid($"The address '{address}' has no port. For any that is free give http://127.0.0.1:0")
                : parsed;
        }
        catch (FormatException ex)
        {
            throw SparkifyException.Invalid($"The address '{address}' is none to listen at. Give one such as http://localhost:5081", ex);
        }
    }

    private static IEnumerable<IPEndPoint> Ends(BindingAddress address)
    {
        if (address.IsUnixPipe || address.IsNamedPipe || address.Port == 0)
        {
            return [];
        }

        IPAddress[] hosts = address.Host.Equals(
            "localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : IPAddress.TryParse(address.Host, out var host) ? [host]
            : [Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any];
        return hosts.Where(h => Socket.OSSupportsIPv6 || h.AddressFamily == AddressFamily.InterNetwork)
            .Select(h => new IPEndPoint(h, address.Port));
    }

    private static void Try(string address, IPEndPoint end)
    {
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (end.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(end);
            socket.Listen();
        }
        catch (SocketException ex) when (ex.SocketErrorCode == SocketError.AddressNotAvailable && end.Address.Equals(
            IPAddress.IPv6Loopback))
        {
            // "localhost" on a machine whose IPv6 is switched off is its IPv4 half, to the server too.
        }
        catch (SocketException ex)
        {
            var why = ex.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    $"Something answers at {address} already; it may be a Sparkify that runs. Stop it, or choose",
                SocketError.AccessDenied => $"This account may not listen at {address}. Choose",
                _ => $"It cannot listen at {address}: {ex.Message}. Choose",
            };
            throw SparkifyException.Unavailable($"{why} another address with --urls http://localhost:5081", ex);
        }
    }
}
