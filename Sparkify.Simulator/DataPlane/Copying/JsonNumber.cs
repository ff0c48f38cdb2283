using System.Globalization;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>
/// Numbers of JSON as a COPY takes them: read as doubles first. Clusters on which people loaded <c>"registration": 1540919166796.0</c> show
/// 1540919166796 in BIGINT and in VARCHAR columns, and 45.511789 where DECIMAL(20,6) was given 45.51179, which no double is.
/// </summary>
internal static class JsonNumber
{
    /// <summary>A number as the column's type reads it.</summary>
    public static string Of(string raw) => Whole(raw) ?? (IsFraction(raw) && double.TryParse(
        raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
        ? number.ToString("G17", CultureInfo.InvariantCulture)
        : raw);

    /// <summary>A whole number that is written with a decimal point or an exponent, without either; none for any other.</summary>
    public static string? Whole(string raw) => IsFraction(raw)
        && double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < long.MaxValue
        && Math.Truncate(number) == number
        ? ((long)number).ToString(CultureInfo.InvariantCulture)
        : null;

    private static bool IsFraction(string raw) => raw.AsSpan().ContainsAny('.', 'e', 'E');
}
