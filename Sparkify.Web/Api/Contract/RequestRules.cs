using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net.Mime;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api.Contract;

/// <summary>
/// What every request of the API is held to before it is answered: the parameters there are, each once and within its bounds, and a form
/// of answer that there is. What would quietly be passed over would be taken for granted.
/// </summary>
internal static class RequestRules
{
    public static EndpointFilterDelegate Before(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        var parameters = endpoint.MethodInfo.GetParameters();
        var named = parameters.Where(static p => IsOneValue(p.ParameterType)).Select(static p => p.Name!).ToList();
        var bounds = parameters.Select(static (p, at) => (p.Name, At: at, Range: p.GetCustomAttributes(typeof(RangeAttribute), false)
            .Cast<RangeAttribute>().SingleOrDefault())).Where(static b => b.Range is not null).ToList();
        return async call =>
        {
            CheckNames(call.HttpContext, named);
            await CheckBodyAsync(call.HttpContext);
            foreach (var (name, at, range) in bounds)
            {
                CheckBounds(name!, Convert.ToInt64(call.Arguments[at], CultureInfo.InvariantCulture), range!);
            }

            CheckForm(call.HttpContext);
            return await next(call);
        };
    }

    private static void CheckNames(HttpContext http, List<string> named)
    {
        var endpoint = (RouteEndpoint)http.GetEndpoint()!;
        var more = endpoint.Metadata.GetMetadata<MoreParameters>();
        foreach (var (name, values) in http.Request.Query)
        {
            if (values.Count > 1)
            {
                throw SparkifyException.Invalid($"'{Cut(name)}' is given {values.Count} times. Give it once.");
            }

            var known = named.Where(n => endpoint.RoutePattern.GetParameter(n) is null).ToList();
            if (!known.Contains(name, StringComparer.OrdinalIgnoreCase)
                && (more is null || !name.StartsWith(more.Prefix, StringComparison.Ordinal)))
            {
                known.AddRange(more is null ? [] : [$"{more.Prefix}…"]);
                throw SparkifyException.Invalid($"There is no parameter '{Cut(name)}' here. " + (known.Count == 0
                    ? "This call takes none." : $"There are: {string.Join(", ", known)}."));
            }
        }
    }

    // A reason sent in a body that nobody reads would be lost. Nothing is in an empty object, which some clients always send.
    private static async Task CheckBodyAsync(HttpContext http)
    {
        if (http.GetEndpoint()!.Metadata.GetMetadata<IAcceptsMetadata>() is not null
            || http.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            return;
        }

        var begins = new byte[64];
        var read = await http.Request.Body.ReadAtLeastAsync(begins, begins.Length, throwOnEndOfStream: false, http.RequestAborted);
        // What goes on behind so many blanks is not looked at: it is more than nothing in any case.
        if (read == begins.Length
            || Encoding.UTF8.GetString(begins, 0, read).Where(static c => !char.IsWhiteSpace(c)).ToArray() is not ([] or ['{', '}']))
        {
            throw SparkifyException.Invalid("This call takes no body: what it takes goes in the query string. /openapi/v1.json describes it.");
        }
    }

    private static void CheckBounds(string name, long value, RangeAttribute range)
    {
        var (least, most) = (Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture),
            Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture));
        if (value < least || value > most)
        {
            throw SparkifyException.Invalid($"'{value}' is no value for '{name}'. It is a whole number from {least} to {most}.");
        }
    }

    private static void CheckForm(HttpContext http)
    {
        var metadata = http.GetEndpoint()!.Metadata;
        var forms = metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>()
            .Where(static r => r.StatusCode is >= 200 and < 300).SelectMany(static r => r.ContentTypes)
            .Concat(metadata.GetOrderedMetadata<MediaAnswer>().Select(static m => m.MediaType)).Distinct().ToList();
        // Whoever asks for a page is a person with a browser, who is better served with JSON than with a refusal.
        if (forms.Count > 0 && MediaTypeHeaderValue.TryParseList(http.Request.Headers.Accept, out var wanted) && wanted.Count > 0
            && !wanted.Any(static w => w.MediaType.Equals(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase))
            && !forms.Exists(f => wanted.Any(w => w.Quality is not 0
                && new MediaTypeHeaderValue(new MediaTypeHeaderValue(f).MediaType).IsSubsetOf(new MediaTypeHeaderValue(w.MediaType)))))
        {
            throw new HttpProblem(
                StatusCodes.Status406NotAcceptable, $"This call answers in {string.Join(" or ", forms)}, and the header Accept does not take that.");
        }
    }

    private static bool IsOneValue(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) || type.IsPrimitive || type.IsEnum || type == typeof(DateTimeOffset);
    }

    private static string Cut(string text) => text.Length <= 60 ? text : $"{text[..60]}…";
}

/// <summary>A refusal that only HTTP knows.</summary>
internal sealed class HttpProblem(int status, string message) : Exception(message)
{
    /// <summary>The status.</summary>
    public int Status { get; } = status;

    /// <summary>The methods an address has, when it does not have the one that was used.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];
}
