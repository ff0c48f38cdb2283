using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Settings;

/// <summary>What a browser says of itself, in two words.</summary>
internal static class BrowserName
{
    // In this order: each says it is those below it, too.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];

    /// <summary>Chrome on Linux; what is not known by its marks as it stands.</summary>
    public static string Of(string agent)
    {
        var browser = Array.Find(Browsers, b => agent.Contains(b.Mark, StringComparison.Ordinal)).Name;
        var system = Array.Find(Systems, s => agent.Contains(s.Mark, StringComparison.Ordinal)).Name;
        return (browser, system) switch
        {
            (null, _) => agent.Length == 0 ? "unknown" : Visible.Of(agent),
            (_, null) => browser,
            _ => $"{browser} on {system}",
        };
    }
}
