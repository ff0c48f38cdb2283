using Sparkify.Web.Identity;

namespace Sparkify.Web;

/// <summary>What is dangerous or useless about where the application listens, in words for whoever starts it.</summary>
internal static class NetworkWarnings
{
    /// <summary>The warnings for addresses that are listened at.</summary>
    /// <param name="addresses">Where the server listens.</param>
    /// <param name="allowedHosts">The setting <c>AllowedHosts</c>: names by which it may be called, between semicolons.</param>
    /// <param name="behindProxy">Whether proxies are named whose word is taken.</param>
    public static IEnumerable<string> Of(IEnumerable<string> addresses, string? allowedHosts, bool behindProxy)
    {
        List<BindingAddress> open = [.. addresses.Select(BindingAddress.Parse)
            .Where(static a => !a.IsUnixPipe && !a.IsNamedPipe && !Loopback.Is(a.Host))];
        if (open.Find(static a => a.Scheme == Uri.UriSchemeHttp) is { } plain && !behindProxy)
        {
            yield return $"WARNING: {plain} is open to the network and not encrypted: whoever is on the way reads passwords and takes sessions. " +
                "Give it a certificate (Kestrel:Endpoints), or put a proxy with one before it and name that proxy in Sparkify:Network:Proxies. " +
                "See \"On a network\" in docs/operations.md.";
        }

        string[] names = allowedHosts?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if ((open.Count > 0 || behindProxy) && names.Length > 0 && Array.TrueForAll(names, Loopback.Is))
        {
            yield return $"WARNING: only requests for {string.Join(", ", names)} are answered, so nobody elsewhere gets an answer. " +
                "Set AllowedHosts to the name that people use, such as warehouse.example.com.";
        }
    }
}
