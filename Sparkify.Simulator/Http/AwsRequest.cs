using Microsoft.AspNetCore.Http.Features;

namespace Sparkify.Simulator;

/// <summary>A request as it came over the wire, read whole: signatures cover the raw form.</summary>
internal sealed class AwsRequest
{
    private AwsRequest(string method, string rawPath, string rawQuery, IReadOnlyDictionary<string, string> headers, byte[] body)
    {
        Method = method;
        RawPath = rawPath;
        RawQuery = rawQuery;
        Headers = headers;
        Body = body;
        Query = [.. rawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.IndexOf('=', StringComparison.Ordinal) is var at && at >= 0
            ? new KeyValuePair<string, string>(Decode(pair[..at]), Decode(pair[(at + 1)..]))
            : new KeyValuePair<string, string>(Decode(pair), ""))];
    }

    public string Method { get; }

    /// <summary>The path as sent, still percent-encoded.</summary>
    public string RawPath { get; }

    public string RawQuery { get; }

    /// <summary>The query's names and values, decoded, in order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; }

    /// <summary>Headers by lower-case name; repeated ones joined by commas.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body as sent.</summary>
    public byte[] Body { get; }

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public bool HasQuery(string name) => Query.Any(p => p.Key == name);

    public string? QueryValue(string name) => Query.FirstOrDefault(p => p.Key == name) is { Key: not null } pair ? pair.Value : null;

    public static async Task<AwsRequest> ReadAsync(HttpContext context, CancellationToken ct)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var question = target.IndexOf('?', StringComparison.Ordinal);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, ct);
        return new AwsRequest(
            context.Request.Method,
            question < 0 ? target : target[..question],
            question < 0 ? "" : target[(question + 1)..],
            context.Request.Headers.ToDictionary(
                h => h.Key.ToLowerInvariant(), h => string.Join(',', h.Value.ToArray()), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text);
}
