using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Template;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api.Contract;

/// <summary>Answers what no operation does, and says why: no such address, another method, or another kind of body.</summary>
internal static class NothingHere
{
    /// <summary>Where it stands.</summary>
    public const string Route = "/api/{**rest}";

    public static void Answer(HttpContext http, EndpointDataSource endpoints)
    {
        var request = http.Request;
        var here = endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText is { } route && route != Route && route.StartsWith("/api/", StringComparison.Ordinal)
                && new TemplateMatcher(TemplateParser.Parse(route.Trim('/')), []).TryMatch("/" + request.Path.Value!.Trim('/'), []))
            .SelectMany(static e => Methods(e).Select(method => (Method: method, Endpoint: e))).ToList();
        // Methods are told for addresses of this form; whether there is such a thing is another question.
        if (here.Count > 0 && here.TrueForAll(h => h.Method != request.Method))
        {
            List<string> allowed = [.. here.Select(static h => h.Method).Distinct().Order(StringComparer.Ordinal)];
            throw new HttpProblem(
                StatusCodes.Status405MethodNotAllowed,
                $"{request.Path} does not take {request.Method}. It takes {string.Join(", ", allowed)}.")
            { Allow = allowed };
        }

        var bodies = here.Where(h => h.Method == request.Method)
            .SelectMany(static h => h.Endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes ?? []).Distinct().ToList();
        if (bodies.Count > 0 && !bodies.Exists(b => request.ContentType?.StartsWith(b, StringComparison.OrdinalIgnoreCase) == true))
        {
            throw new HttpProblem(
                StatusCodes.Status415UnsupportedMediaType,
                $"This call takes a body of {string.Join(" or ", bodies)}, and the header Content-Type says {request.ContentType ?? "nothing"}.");
        }

        throw SparkifyException.NotFound($"Nothing answers {request.Method} {request.Path}. /openapi/v1.json describes the API.");
    }

    private static IEnumerable<string> Methods(RouteEndpoint endpoint) =>
        (endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            .SelectMany(static m => m == HttpMethods.Get ? [m, HttpMethods.Head] : new[] { m });
}
