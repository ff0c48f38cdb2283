using System.Globalization;
using System.Xml.Linq;

namespace Sparkify.Core.Aws.Wire;

/// <summary>Reads answers; AWS leaves out what is not there yet, so everything is optional.</summary>
internal static class XmlReading
{
    public static string? Text(this XElement element, string name) => element.Element(name)?.Value is { Length: > 0 } text ? text : null;

    public static string TextOrEmpty(this XElement element, string name) => element.Text(name) ?? "";

    public static int? Number(this XElement element, string name)
        => int.TryParse(element.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static bool? Flag(this XElement element, string name) => bool.TryParse(element.Text(name), out var flag) ? flag : null;

    public static DateTimeOffset? Time(this XElement element, string name)
        => DateTimeOffset.TryParse(element.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    public static IEnumerable<XElement> Items(this XElement element, string list, string item) =>
        element.Element(list)?.Elements(item) ?? [];

    public static IReadOnlyDictionary<string, string> Pairs(this XElement element, string list, string item, string key, string value)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (var pair in element.Items(list, item))
        {
            pairs[pair.TextOrEmpty(key)] = pair.TextOrEmpty(value);
        }

        return pairs;
    }
}
