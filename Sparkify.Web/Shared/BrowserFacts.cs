namespace Sparkify.Web.Shared;

/// <summary>What a browser says of itself once, when its circuit begins.</summary>
/// <param name="Zone">Its time zone.</param>
/// <param name="Narrow">Whether its window is as narrow as a phone.</param>
/// <param name="DrawerOpen">Whether the drawer shows words beside its icons, as the person left it.</param>
public sealed record BrowserFacts(BrowserZone? Zone, bool Narrow, bool DrawerOpen)
{
    /// <summary>What holds when it does not say.</summary>
    public static BrowserFacts Unknown { get; } = new(Zone: null, Narrow: false, DrawerOpen: true);
}
