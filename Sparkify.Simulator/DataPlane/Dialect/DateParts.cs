using Sparkify.Simulator.DataPlane.Wire;

namespace Sparkify.Simulator.DataPlane.Dialect;

/// <summary>Redshift's names of the parts of a date, each with the one that the server behind knows.</summary>
internal static class DateParts
{
    private static readonly Dictionary<string, string> Known = new (string Part, string Names)[]
    {
        ("millennium", "millennium mil mils millennia"),
        ("century", "century c cent cents centuries"),
        ("decade", "decade decades dec decs"),
        ("year", "year y yr yrs years"),
        ("quarter", "quarter qtr qtrs quarters"),
        ("month", "month mon mons months"),
        ("week", "week w weeks"),
        ("dow", "dow dayofweek dw weekday"),
        ("doy", "doy dayofyear dy yearday"),
        ("day", "day d days"),
        ("hour", "hour h hr hrs hours"),
        ("minute", "minute m min mins minutes"),
        ("second", "second s sec secs seconds"),
        ("milliseconds", "millisecond milliseconds ms msec msecs msecond mseconds millisec millisecs millisecon"),
        ("microseconds", "microsecond microseconds us usec usecs usecond useconds microsec microsecs microsecon"),
        ("epoch", "epoch"),
        ("timezone", "timezone"),
        ("timezone_hour", "timezone_hour"),
        ("timezone_minute", "timezone_minute"),
    }.SelectMany(static p => p.Names.Split(' ').Select(name => (name, p.Part)))
        .ToDictionary(static p => p.name, static p => p.Part, StringComparer.Ordinal);

    /// <summary>The server's name of a part, as a literal.</summary>
    public static string Literal(SqlScript script, int at) => Known.TryGetValue(script[at].Value.ToLowerInvariant(), out var part)
        ? $"'{part}'"
        : throw new SqlErrorException(new SqlError(
            "22023", $"The date part \"{script[at].Value}\" is not known.", Hint: "Such as year, month, week, day, hour, dayofweek or epoch.",
            Position: script[at].Start + 1));
}
