using System.Diagnostics.CodeAnalysis;

namespace Sparkify.Web.Api.Contract;

/// <summary>What an operation says of itself beside its code: the description of the API is made of it.</summary>
internal static class Operations
{
    /// <summary>Its id, by which generated clients call it, and what it does.</summary>
    public static RouteHandlerBuilder Is(this RouteHandlerBuilder endpoint, string id, string summary) =>
        endpoint.WithName(id).WithSummary(summary);

    /// <summary>A body it takes.</summary>
    public static RouteHandlerBuilder Example(this RouteHandlerBuilder endpoint, [StringSyntax(StringSyntaxAttribute.Json)] string body) =>
        endpoint.WithMetadata(new BodyExample(body));

    /// <summary>A media type in which it answers too, or only.</summary>
    public static RouteHandlerBuilder Answers(this RouteHandlerBuilder endpoint, string mediaType, string what) =>
        endpoint.WithMetadata(new MediaAnswer(mediaType, what));

    /// <summary>Refusals beyond those any operation of its form has.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params int[] statuses) =>
        endpoint.WithMetadata(new Refusals(statuses));

    /// <summary>What it answers with has versions, told by ETag; a change may name by If-Match the one it is made from.</summary>
    public static RouteHandlerBuilder HasVersions(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new HasVersions());

    /// <summary>It takes parameters whose names are not known beforehand, and refuses by itself those that do not fit.</summary>
    public static RouteHandlerBuilder TakesMore(this RouteHandlerBuilder endpoint, string what, string prefix = "") =>
        endpoint.WithMetadata(new MoreParameters(what, prefix));
}

/// <summary>A body an operation takes.</summary>
internal sealed record BodyExample(string Json);

/// <summary>A media type other than JSON in which an operation answers.</summary>
internal sealed record MediaAnswer(string MediaType, string What);

/// <summary>Statuses with which an operation refuses.</summary>
internal sealed record Refusals(IReadOnlyList<int> Statuses);

/// <summary>The answer tells its version, and a change can name it.</summary>
internal sealed record HasVersions;

/// <summary>Parameters in the query string whose names are not known beforehand; all begin with the prefix.</summary>
internal sealed record MoreParameters(string What, string Prefix);

/// <summary>The words a parameter can be.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class WordsAttribute(params string[] words) : Attribute
{
    /// <summary>The words of an enumeration.</summary>
    public WordsAttribute(Type words)
        : this() => Type = words;

    /// <summary>The words, where they are no enumeration's.</summary>
    public IReadOnlyList<string> Words { get; } = words;

    /// <summary>The enumeration.</summary>
    public Type? Type { get; }
}
