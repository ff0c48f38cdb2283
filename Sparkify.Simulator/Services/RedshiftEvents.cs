using System.Xml.Linq;

namespace Sparkify.Simulator.Services;

/// <summary>Redshift 2012-12-01: what has happened.</summary>
internal static class RedshiftEvents
{
    private const int NormalMinutes = 60;

    private static readonly string[] Types =
        ["cluster", "cluster-parameter-group", "cluster-security-group", "cluster-snapshot", "scheduled-action"];

    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["DescribeEvents"] = Describe,
    };

    private static IEnumerable<XElement> Describe(QueryCall call)
    {
        var (source, type) = (call.Form["SourceIdentifier"] is { } name ? RedshiftRules.Fold(name) : null, call.Form["SourceType"]);
        if (type is not null && !Types.Contains(type))
        {
            throw AwsErrorException.Value($"Invalid source type: {type}. Valid values are {string.Join(", ", Types)}.");
        }

        if (source is not null && type is null)
        {
            throw AwsErrorException.Combination("SourceType must be specified with SourceIdentifier.");
        }

        var end = call.Form.Moment("EndTime") ?? call.Now;
        var start = call.Form.Moment("StartTime") ?? end.AddMinutes(-(call.Form.Int("Duration") ?? NormalMinutes));
        var events = call.Region.Events.Where(e => e.At >= start && e.At <= end && (source ?? e.Source) == e.Source
            && (type ?? e.SourceType) == e.SourceType);
        return RedshiftXml.Paged(call, events, "Events", static e => new XElement("Event",
            new XElement("SourceIdentifier", e.Source),
            new XElement("SourceType", e.SourceType),
            new XElement("Message", e.Message),
            new XElement("EventCategories", new XElement("EventCategory", e.Category)),
            new XElement("Severity", "INFO"),
            new XElement("Date", Wire.Time(e.At)),
            new XElement("EventId", e.Id)));
    }
}
