using System.Text;
using System.Xml.Linq;

namespace Sparkify.Simulator;

/// <summary>An answer on its way out.</summary>
internal sealed record AwsReply(int Status, string? ContentType, byte[] Body)
{
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The part of a file that is the body; none when the bytes are here.</summary>
    public (string Path, long From, long Length)? File { get; init; }

    /// <summary>The length of the body.</summary>
    public long Length => File?.Length ?? Body.Length;

    /// <summary>The length to declare when there is no body to take it from (HEAD).</summary>
    public long? DeclaredLength { get; init; }

    public static AwsReply Empty(int status) => new(status, null, []);

    public static AwsReply Xml(XElement root, int status = 200)
        => new(status, "text/xml", Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{root.ToString(SaveOptions.DisableFormatting)}"));

    /// <summary>The same tree with every element in a namespace.</summary>
    public static XElement WithNamespace(XNamespace space, XElement element) => new(
        space + element.Name.LocalName,
        element.Attributes(),
        element.Nodes().Select(n => n is XElement child ? WithNamespace(space, child) : (object)n));
}
