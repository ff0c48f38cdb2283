using System.Globalization;
using System.Xml.Linq;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>One Query call being answered, under the world's gate.</summary>
internal sealed record QueryCall(QueryForm Form, Caller Caller, World World, SimulatorFaults Faults)
{
    public RegionState Region { get; } = World.Region(Caller.Region);

    public DateTimeOffset Now { get; } = World.Now;

    public string UserArn => Caller.Arn ?? $"arn:aws:iam::{World.Account}:user/engineer";
}

/// <summary>Answers one action with the content of its result; none when the action has no result.</summary>
internal delegate IEnumerable<XElement>? QueryHandler(QueryCall call);

/// <summary>Small XML parts that services share.</summary>
internal static class Wire
{
    public static string Time(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static XElement Flag(string name, bool value) => new(name, value ? "true" : "false");

    /// <summary>An element, or nothing when there is no value.</summary>
    public static XElement? Optional(string name, object? value) => value is null ? null : new XElement(name, value);

    public static XElement Tags(string list, string item, string key, string value, IEnumerable<KeyValuePair<string, string>> tags)
        => new(list, tags.Select(t => new XElement(item, new XElement(key, t.Key), new XElement(value, t.Value))));

    /// <summary>One page of a list and the marker of the next; the marker is the place in the list.</summary>
    public static (IReadOnlyList<T> Items, string? Marker) Page<T>(IEnumerable<T> all, string? marker, int size, string parameter)
    {
        var start = 0;
        if (marker is not null && !(int.TryParse(marker, NumberStyles.None, CultureInfo.InvariantCulture, out start)))
        {
            throw AwsErrorException.Value($"The value for {parameter} is not one that an earlier answer gave.");
        }

        var rest = all.Skip(start).Take(size + 1).ToList();
        return rest.Count > size ? (rest[..size], (start + size).ToString(CultureInfo.InvariantCulture)) : (rest, null);
    }

    public static int PageSize(QueryForm form, string name, int least, int most, int normal) => form.Int(name) is not { } size ? normal
        : size >= least && size <= most ? size
        : throw AwsErrorException.Value($"Invalid value {size} for {name}: it must be between {least} and {most}.");
}
