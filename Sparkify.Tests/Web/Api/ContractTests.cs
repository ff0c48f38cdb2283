using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Web.Api;

/// <summary>The description of the API, operation by operation: whoever adds one says all of this of it.</summary>
public sealed class ContractTests : IAsyncLifetime
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];
    private static readonly Dictionary<string, int[]> ByForm = new(StringComparer.Ordinal)
    {
        ["any"] = [400, 401, 403, 406, 500, 503],
        ["body"] = [413, 415],
        ["patch"] = [412],
        ["path"] = [404],
        ["change"] = [409],
    };

    private TestApp _app = null!;
    private JsonElement _document;
    private List<(string Path, string Method, JsonElement Operation)> _operations = [];

    public async Task InitializeAsync()
    {
        _app = await TestApp.StartAsync();
        _document = JsonDocument.Parse(await _app.Http.GetStringAsync("/openapi/v1.json")).RootElement;
        _operations = [.. _document.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject()
            .Where(static o => Methods.Contains(o.Name)).Select(o => (path.Name, o.Name, o.Value)))];
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public void Operations_AllEndpointsThereAre_AreDescribed()
    {
        var endpoints = _app.Guarded.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static e => e.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal))
            .SelectMany(static e => e.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Select(
                m => $"{m} {e.RoutePattern.RawText!.Replace(":long", "", StringComparison.Ordinal).TrimEnd('/')}"));

        Assert.True(_operations.Count > 60);
        Assert.Equal(
            endpoints.Order(StringComparer.Ordinal),
            _operations.Where(static o => o.Path.StartsWith("/api/", StringComparison.Ordinal))
                .Select(static o => $"{o.Method.ToUpperInvariant()} {o.Path}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Operations_Each_HasAnIdOfItsOwn_ASummary_AndParametersWithMeaning()
    {
        List<string> wrong = [], ids = [];
        foreach (var (path, method, operation) in _operations)
        {
            ids.Add(Text(operation, "operationId"));
            Check(Text(operation, "operationId").Length > 0 && Text(operation, "summary").Length > 0, "has no id or no summary");
            Check(operation.GetProperty("tags").GetArrayLength() == 1, "has no tag");
            foreach (var parameter in Parameters(operation))
            {
                Check(
                    Text(parameter, "description").Length > 0
                        && parameter.GetProperty("schema").EnumerateObject().Any(static p => p.Name is "type" or "$ref"),
                    $"does not say what '{Text(parameter, "name")}' is");
            }

            void Check(bool right, string what)
            {
                if (!right)
                {
                    wrong.Add($"{method} {path} {what}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Operations_Each_SaysWhatItRefuses_AsProblemDetails()
    {
        List<string> wrong = [];
        foreach (var (path, method, operation) in _operations.Where(static o => o.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var responses = operation.GetProperty("responses").EnumerateObject().ToDictionary(static r => r.Name, static r => r.Value);
            IEnumerable<int> expected =
            [
                .. ByForm["any"],
                .. operation.TryGetProperty("requestBody", out _) ? ByForm["body"] : [],
                .. method == "patch" ? ByForm["patch"] : [],
                .. path.Contains('{') ? ByForm["path"] : [],
                .. method != "get" ? ByForm["change"] : [],
            ];
            wrong.AddRange(expected.Where(status => !responses.ContainsKey($"{status}")).Select(status => $"{method} {path} lacks {status}"));
            wrong.AddRange(responses.Where(static r => r.Key[0] != '2' && !IsProblem(r.Value)).Select(
                r => $"{method} {path}: {r.Key} is no problem"));
        }

        Assert.Empty(wrong);

        static bool IsProblem(JsonElement response) => response.GetProperty("content").EnumerateObject().Single() is var only
            && only.Name == "application/problem+json"
            && Text(only.Value.GetProperty("schema"), "$ref") == "#/components/schemas/ProblemDetails";
    }

    [Fact]
    public void Operations_WithLimits_Say429_AndWhenToTryAgain()
    {
        var limited = _operations.Where(static o => o.Operation.GetProperty("responses").TryGetProperty("429", out _)).ToList();

        Assert.Equal(
            ["downloadQuery", "drillReport", "explainQuery", "makeToken", "runQuery", "runReport"],
            limited.Select(static o => Text(o.Operation, "operationId")).Order(StringComparer.Ordinal));
        Assert.All(limited, static o => Assert.True(
            o.Operation.GetProperty("responses").GetProperty("429").GetProperty("headers").TryGetProperty("Retry-After", out _)));
    }

    [Fact]
    public void Operations_Each_SaysInWhichFormItAnswers_AndGivesAnExampleOfItsBody()
    {
        List<string> wrong = [];
        foreach (var (path, method, operation) in _operations)
        {
            foreach (var done in operation.GetProperty("responses").EnumerateObject().Where(static r => r.Name[0] == '2'))
            {
                var forms = done.Value.TryGetProperty("content", out var content) ? content.EnumerateObject().ToList() : [];
                if (done.Name == "204" ? forms.Count > 0
                    : forms.Count == 0 || forms.Exists(static f => !f.Value.TryGetProperty("schema", out _)))
                {
                    wrong.Add($"{method} {path}: {done.Name} does not say in which form it comes");
                }
            }

            if (operation.TryGetProperty("requestBody", out var body)
                && (!body.GetProperty("required").GetBoolean()
                    || body.GetProperty("content").EnumerateObject().Any(static b => !b.Value.TryGetProperty("example", out _))))
            {
                wrong.Add($"{method} {path} has a body without an example");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(["application/json", "text/csv"], Forms("runReport"));
        Assert.Equal(["application/json", "text/csv"], Forms("runQuery"));
        Assert.Equal(["application/x-ndjson", "text/csv"], Forms("downloadAudit"));
        Assert.Equal(["text/event-stream"], Forms("followRun"));

        IEnumerable<string> Forms(string id) => _operations.Single(o => Text(o.Operation, "operationId") == id).Operation
            .GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(static c => c.Name).Order();
    }

    [Fact]
    public void Operations_Each_WantsAToken_AndOnlyTheOneThatMakesThemAPassword()
    {
        foreach (var (path, _, operation) in _operations)
        {
            var ways = operation.TryGetProperty("security", out var security)
                ? security.EnumerateArray().SelectMany(static s => s.EnumerateObject()).Select(static s => s.Name).ToList() : [];
            Assert.Equal(
                path is "/healthz" or "/readyz" ? [] : Text(operation, "operationId") == "makeToken" ? ["bearer", "basic"] : ["bearer"], ways);
        }

        var schemes = _document.GetProperty("components").GetProperty("securitySchemes");
        Assert.Equal(
            ["basic", "bearer"], schemes.EnumerateObject().Select(static s => Text(s.Value, "scheme")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Schemas_AreHonest()
    {
        List<string> wrong = [];
        var seen = 0;
        Walk(_document, "");

        Assert.True(seen > 500, $"{seen}");
        Assert.Empty(wrong);

        void Walk(JsonElement at, string path)
        {
            if (at.ValueKind == JsonValueKind.Array)
            {
                foreach (var one in at.EnumerateArray())
                {
                    Walk(one, path);
                }
            }

            if (at.ValueKind != JsonValueKind.Object || path.EndsWith("/example", StringComparison.Ordinal))
            {
                return;
            }

            if (at.TryGetProperty("type", out var type) && type.ValueKind is JsonValueKind.String or JsonValueKind.Array)
            {
                seen++;
                var types = type.ValueKind == JsonValueKind.Array
                    ? type.EnumerateArray().Select(static t => t.GetString()!).Where(static t => t != "null").ToList()
                    : [type.GetString()!];
                Check(types.Count == 1, "is a union");
                Check(types[0] is not ("integer" or "number") || at.TryGetProperty("format", out _), "has no format");
                Check(types[0] != "array" || at.TryGetProperty("items", out _), "does not say of what");
            }
            else if (path.Split('/') is [.., "properties" or "schemas", _])
            {
                Check(at.EnumerateObject().Any(static p => p.Name is "$ref" or "oneOf" or "anyOf"), "has no type");
            }

            if (at.TryGetProperty("$ref", out var reference))
            {
                Check(Find(reference.GetString()!), $"leads to {reference} which is not there");
            }

            if (at.TryGetProperty("enum", out var words) && words.ValueKind == JsonValueKind.Array)
            {
                Check(words.EnumerateArray().All(static w => w.ValueKind == JsonValueKind.String), "has words that are none");
            }

            foreach (var inner in at.EnumerateObject())
            {
                Walk(inner.Value, $"{path}/{inner.Name}");
            }

            void Check(bool right, string what)
            {
                if (!right)
                {
                    wrong.Add($"{path} {what}");
                }
            }
        }

        bool Find(string reference) =>
            _document.GetProperty("components").GetProperty("schemas").TryGetProperty(reference.Split('/')[^1], out _);
    }

    private static List<JsonElement> Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var all) ? [.. all.EnumerateArray()] : [];

    private static string Text(JsonElement at, string property) => at.TryGetProperty(property, out var text) ? text.GetString() ?? "" : "";
}
