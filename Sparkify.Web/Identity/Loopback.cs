using System.Net;

namespace Sparkify.Web.Identity;

/// <summary>Which hosts are this machine itself.</summary>
internal static class Loopback
{
    /// <summary>Whether a host of an address or a header is this machine's own loopback.</summary>
    public static bool Is(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
