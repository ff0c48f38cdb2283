using System.Net;
using System.Net.Sockets;

namespace Sparkify.Core.Common;

/// <summary>Hosts at which a cloud's machines are told their own credentials, and any other link-local address.</summary>
internal static class MetadataHost
{
    private static readonly string[] Names = ["metadata", "metadata.google.internal", "instance-data", "instance-data.ec2.internal"];

    // The link-local address is not the only one at which EC2 answers.
    private static readonly IPAddress OfEc2 = IPAddress.Parse("fd00:ec2::254");

    /// <summary>Whether an address leads to one, as far as it says so itself: names are not looked up.</summary>
    public static bool Is(Uri address) => IPAddress.TryParse(address.DnsSafeHost, out var ip) ? IsLinkLocal(ip)
        : Names.Contains(address.IdnHost.TrimEnd('.'), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether an address is one of these.</summary>
    public static bool IsLinkLocal(IPAddress given)
    {
        var ip = given.IsIPv4MappedToIPv6 ? given.MapToIPv4() : given;
        return ip.AddressFamily == AddressFamily.InterNetwork ? ip.GetAddressBytes() is [169, 254, ..]
            : ip.IsIPv6LinkLocal || ip.Equals(OfEc2);
    }
}
