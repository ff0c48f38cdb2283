using System.Globalization;

namespace Sparkify.Web.Shared;

/// <summary>Shows times in the zone of the person's browser. One per circuit; told once, before the first page is shown.</summary>
public sealed class BrowserClock(TimeProvider clock)
{
    private TimeZoneInfo _zone = TimeZoneInfo.Utc;

    /// <summary>The IANA name of the browser's zone; UTC where it has none that is known here.</summary>
    public string Zone => _zone.HasIanaId ? _zone.Id : TimeZoneInfo.Utc.Id;

    /// <summary>Uses a zone.</summary>
    public void Use(BrowserZone? zone)
    {
        if (zone is null)
        {
            return;
        }

        _zone = TimeZoneInfo.TryFindSystemTimeZoneById(zone.Name, out var found)
            ? found
            : Fixed(TimeSpan.FromMinutes(Math.Clamp(zone.MinutesEast, -14 * 60, 14 * 60)));
    }

    /// <summary>14:03:22 today, 20 Nov 14:03 this year, 20 Nov 2025 14:03 before.</summary>
    public string Short(DateTimeOffset at)
    {
        var local = TimeZoneInfo.ConvertTime(at, _zone);
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), _zone);
        var format = local.Date == now.Date ? "HH:mm:ss" : local.Year == now.Year ? "d MMM HH:mm" : "d MMM yyyy HH:mm";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>When a day begins where the browser is.</summary>
    public DateTimeOffset Midnight(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(local, _zone.GetUtcOffset(local));
    }

    /// <summary>14:03:22.481, for log lines.</summary>
    public string Precise(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>2026-11-20 14:03:22 UTC, for those who compare with logs elsewhere.</summary>
    public static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static TimeZoneInfo Fixed(TimeSpan east) => TimeZoneInfo.CreateCustomTimeZone("browser", east, "browser", "browser");
}

/// <summary>What a browser says about its zone.</summary>
/// <param name="Name">Its IANA name.</param>
/// <param name="MinutesEast">Its offset just now, for when this machine does not know the name.</param>
public sealed record BrowserZone(string Name, int MinutesEast);
