using System.Xml.Linq;

namespace Sparkify.Simulator.Services;

/// <summary>STS 2011-06-15: who is calling.</summary>
internal static class StsService
{
    public static IReadOnlyDictionary<string, QueryHandler> Handlers { get; } = new Dictionary<string, QueryHandler>(StringComparer.Ordinal)
    {
        ["GetCallerIdentity"] = static call =>
        [
            new XElement("Arn", call.UserArn),
            new XElement("UserId", "AIDASIMULATEDUSER0000"),
            new XElement("Account", call.World.Account),
        ],
    };
}
