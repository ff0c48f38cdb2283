using System.Globalization;
using System.Text.RegularExpressions;
using Sparkify.Simulator.DataPlane.Dialect;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>A TIMEFORMAT or DATEFORMAT that is written out, such as <c>MM.DD.YYYY HH:MI:SS</c>.</summary>
internal sealed partial class MomentFormat
{
    public const string Timestamps = "YYYY-MM-DD HH24:MI:SS";
    public const string Dates = "YYYY-MM-DD";

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private readonly Regex _form;

    private MomentFormat(Regex form) => _form = form;

    /// <summary>Reads a format; none for the words that are no format. An error says what in it is not known.</summary>
    public static MomentFormat? Of(string format)
    {
        if (format is "auto" or "epochsecs" or "epochmillisecs")
        {
            return null;
        }

        var form = new System.Text.StringBuilder();
        var at = 0;
        foreach (Match part in Parts().Matches(format))
        {
            form.Append(Between(format[at..part.Index], format)).Append(part.Value.ToUpperInvariant() switch
            {
                "YYYY" => @"(?<year>\d{4})",
                "YY" => @"(?<short>\d{2})",
                "MONTH" or "MON" => @"(?<name>[A-Za-z]{3,9})",
                "MM" => @"(?<month>\d{1,2})",
                "DD" => @"(?<day>\d{1,2})",
                "MI" => @"(?<minute>\d{1,2})",
                "SS" => @"(?<second>\d{1,2})(?<fraction>\.\d{1,6}\d*)?",
                "AM" or "PM" => "(?<half>[AaPp])[Mm]",
                "TZ" or "OF" => @"(?<offset>[+-]\d{2}(:?\d{2})?|Z|UTC)",
                _ => @"(?<hour>\d{1,2})",
            });
            at = part.Index + part.Length;
        }

        form.Append(Between(format[at..], format));
        // A time, or its seconds, need not be there in a text of the usual form.
        var whole = format is Timestamps or "YYYY-MM-DD HH:MI:SS" ? Usual : form.ToString();
        return new MomentFormat(new Regex(
            $"^{whole}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)));
    }

    private const string Usual = @"(?<year>\d{4})-(?<month>\d{1,2})-(?<day>\d{1,2})([ T](?<hour>\d{1,2}):(?<minute>\d{2})(:(?<second>\d{2})(?<fraction>\.\d{1,6}\d*)?)?)?";

    /// <summary>The moment a text names in this form; none when it is not of the form, or there is no such moment.</summary>
    public DateTime? Read(string text)
    {
        var match = _form.Match(text);
        if (!match.Success)
        {
            return null;
        }

        var year = match.Groups["short"].Success ? Number("short", 0) + (Number("short", 0) < 70 ? 2000 : 1900) : Number("year", 1);
        var month = match.Groups["name"].Success ? Array.FindIndex(Months, m => match.Groups["name"].Value.StartsWith(
            m, StringComparison.OrdinalIgnoreCase)) + 1 : Number("month", 1);
        var hour = Number("hour", 0);
        if (match.Groups["half"] is { Success: true } half)
        {
            hour = (hour % 12) + (half.Value is "p" or "P" ? 12 : 0);
        }

        var fraction = match.Groups["fraction"].Value;
        fraction = fraction[..Math.Min(7, fraction.Length)];
        var date = $"{year:0000}-{month:00}-{Number("day", 1):00} {hour:00}:{Number("minute", 0):00}:{Number("second", 0):00}{fraction}";
        return DateTime.TryParseExact(date, "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment)
            ? moment - Offset(match.Groups["offset"].Value)
            : null;

        int Number(string part, int otherwise) =>
            match.Groups[part].Success ? int.Parse(match.Groups[part].Value, CultureInfo.InvariantCulture) : otherwise;
    }

    private static TimeSpan Offset(string text)
    {
        if (text.Length < 3 || text == "UTC")
        {
            return TimeSpan.Zero;
        }

        var minutes = text.Length > 3 ? int.Parse(text.AsSpan(text.Length - 2), CultureInfo.InvariantCulture) : 0;
        var span = new TimeSpan(int.Parse(text.AsSpan(1, 2), CultureInfo.InvariantCulture), minutes, 0);
        return text[0] == '-' ? -span : span;
    }

    private static string Between(string text, string format) => text.Any(static c => char.IsAsciiLetter(c) && c is not 'T')
        ? throw Redshift.NotSupported($"The format '{format}' in the simulator (the words auto, epochsecs and epochmillisecs are case-sensitive)")
        : Regex.Escape(text);

    [GeneratedRegex(
        "YYYY|YY|MONTH|MON|MM|DD|HH24|HH12|HH|MI|SS|AM|PM|TZ|OF", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parts();
}
