using System.Text.Json;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>The operations of a running application, from the description it serves.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its address, with its parameters in braces.</param>
/// <param name="Parameters">Its parameters: name, where it stands, and its type (none for a reference).</param>
/// <param name="Statuses">The statuses it says it answers with.</param>
/// <param name="Example">A body it takes, as JSON; none when it takes none.</param>
internal sealed record Described(
    string Id, HttpMethod Method, string Path, IReadOnlyList<(string Name, string In, string? Type)> Parameters,
    IReadOnlyList<int> Statuses, string? Example)
{
    /// <summary>Whether it takes a body.</summary>
    public bool HasBody => Example is not null;

    /// <summary>All of the API.</summary>
    public static async Task<IReadOnlyList<Described>> AllAsync(TestApp app, HttpClient? client = null)
    {
        using var document = JsonDocument.Parse(await (client ?? app.Http).GetStringAsync("/openapi/v1.json"));
        List<Described> all =
        [
            .. document.RootElement.GetProperty("paths").EnumerateObject()
                .Where(static p => p.Name.StartsWith("/api/", StringComparison.Ordinal))
                .SelectMany(static p => p.Value.EnumerateObject().Select(o => Of(p.Name, o.Name, o.Value))),
        ];
        Assert.True(all.Count > 60, $"{all.Count}");
        return all;
    }

    /// <summary>Its address with these values for its parameters, and no others.</summary>
    public string At(IReadOnlyDictionary<string, string> values)
    {
        var path = Parameters.Where(static p => p.In == "path").Aggregate(
            Path, (path, p) => path.Replace($"{{{p.Name}}}", Uri.EscapeDataString(values[p.Name]), StringComparison.Ordinal));
        var query = Parameters.Where(p => p.In == "query" && p.Name != "parameters" && values.ContainsKey(p.Name))
            .Select(p => $"{p.Name}={Uri.EscapeDataString(values[p.Name])}").ToList();
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    private static Described Of(string path, string method, JsonElement operation) => new(
        operation.GetProperty("operationId").GetString()!, new HttpMethod(method.ToUpperInvariant()), path,
        operation.TryGetProperty("parameters", out var parameters)
            ?
            [
                .. parameters.EnumerateArray().Select(static p => (
                    p.GetProperty("name").GetString()!, p.GetProperty("in").GetString()!,
                    p.GetProperty("schema").TryGetProperty("type", out var type) ? type.GetString() : null)),
            ]
            : [],
        [.. operation.GetProperty("responses").EnumerateObject().Select(static r => int.Parse(r.Name))],
        operation.TryGetProperty("requestBody", out var body)
            ? body.GetProperty("content").EnumerateObject().Single().Value.GetProperty("example").GetRawText() : null);
}
