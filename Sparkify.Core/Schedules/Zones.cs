using System.Globalization;
using Sparkify.Core.Common;

namespace Sparkify.Core.Schedules;

/// <summary>Time zones by the names of IANA, as this machine knows them.</summary>
internal static class Zones
{
    private const string Utc = "UTC";

    /// <summary>The names to choose from, UTC first.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [Utc, .. TimeZoneInfo.GetSystemTimeZones().Select(static z => z.Id).Where(static id => id != Utc).Order(StringComparer.Ordinal)];

    /// <summary>The zone of a name; throws a sentence, with a name that is near, when there is none.</summary>
    public static TimeZoneInfo Find(string? name)
    {
        var wanted = name?.Trim() ?? "";
        if (wanted.Length == 0)
        {
            throw SparkifyException.Invalid("Name the time zone, such as Europe/Berlin or UTC.");
        }

        wanted = Names.FirstOrDefault(n => n.Equals(wanted, StringComparison.OrdinalIgnoreCase)) ?? wanted;
        // Beside the zones there are files of other kinds, such as what this machine itself is set to; their names begin in lower case.
        if (TimeZoneInfo.TryFindSystemTimeZoneById(wanted, out var zone) && zone.HasIanaId && char.IsUpper(zone.Id[0]))
        {
            return zone;
        }

        throw SparkifyException.Invalid(
            $"There is no time zone '{wanted}'.{(Near(wanted) is { } near ? $" Did you mean {near}?" : "")} Zones have the names of IANA, such as Europe/Berlin, America/New_York or UTC.");
    }

    /// <summary>A moment as a clock in a zone shows it: <c>Mon 30 Nov 2026, 02:30 CET</c>.</summary>
    public static string Local(DateTimeOffset moment, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(moment, zone);
        return $"{local.ToString("ddd d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)} {Short(local, zone)}";
    }

    // Some zones have no short name; theirs is a number, or a long one.
    private static string Short(DateTimeOffset local, TimeZoneInfo zone)
    {
        var name = zone.IsDaylightSavingTime(local) ? zone.DaylightName : zone.StandardName;
        return name.All(char.IsAsciiLetter) && name.Length is > 0 and < 6 ? name
            : local.Offset == TimeSpan.Zero ? Utc
            : $"{Utc}{(local.Offset < TimeSpan.Zero ? '-' : '+')}{local.Offset:hh\\:mm}";
    }

    private static string? Near(string wanted)
    {
        var typed = Plain(wanted);
        var (name, distance) = Names.SelectMany(static id => new[] { (Id: id, Text: Plain(id)), (Id: id, Text: Plain(id.Split('/')[^1])) })
            .Select(known => (known.Id, Distance: Distance(typed, known.Text))).MinBy(static known => known.Distance);
        return distance <= Math.Max(1, typed.Length / 4) ? name : null;
    }

    private static string Plain(string name) => name.Replace(' ', '_').ToUpperInvariant();

    // How many letters have to be put in, taken out or changed.
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 0; i < one.Length; i++)
        {
            var corner = row[0]++;
            for (var j = 0; j < other.Length; j++)
            {
                (corner, row[j + 1]) = (
                    row[j + 1], Math.Min(Math.Min(row[j], row[j + 1]) + 1, corner + (one[i] == other[j] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
