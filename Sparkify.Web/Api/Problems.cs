using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>Turns what an API call throws into problem details (RFC 9457) with a sentence, whatever form the caller asked for.</summary>
internal sealed partial class Problems(IOptions<JsonOptions> json, ILogger<Problems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        exception = DatabaseFaults.Refusal(exception) ?? exception;
        var (status, detail) = exception switch
        {
            SparkifyException ours => (Status(ours.Kind), ours.Message),
            HttpProblem http => (http.Status, http.Message),
            PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
                (StatusCodes.Status400BadRequest, "A value holds a character that no text can hold, such as U+0000. Leave it out."),
            BadHttpRequestException { InnerException: JsonException wrong } bad =>
                (bad.StatusCode, JsonSentence.Of(wrong, json.Value.SerializerOptions)),
            BadHttpRequestException bad => (bad.StatusCode, Sentence(bad)),
            _ => (StatusCodes.Status500InternalServerError, "Something unexpected happened; the application's log has the details."),
        };
        if (status >= StatusCodes.Status500InternalServerError && exception is not (SparkifyException or HttpProblem))
        {
            // Since .NET 10 the server keeps silent about exceptions a handler has answered.
            // Encoded as it came: what somebody typed breaks no line of the log.
            Unexpected(logger, httpContext.Request.Method, httpContext.Request.Path.ToUriComponent(), exception);
        }

        var response = httpContext.Response;
        if (exception is HttpProblem { Allow: { Count: > 0 } allowed })
        {
            response.Headers.Allow = string.Join(", ", allowed);
        }

        if (exception is SparkifyException { Kind: ProblemKind.TooMany or ProblemKind.Unavailable } soon)
        {
            response.Headers.RetryAfter = Math.Ceiling(soon.Wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        if (exception is DatabaseFaultException && WaitPage.IsWanted(httpContext.Request))
        {
            response.StatusCode = status;
            await WaitPage.WriteAsync(response, detail, cancellationToken);
            return true;
        }

        Dictionary<string, object?> more = new(StringComparer.Ordinal)
        {
            ["traceId"] = Signals.TraceId ?? httpContext.TraceIdentifier,
        };
        if ((exception as SparkifyException)?.ActiveRun is { } run)
        {
            more["id"] = run;
        }

        var problem = TypedResults.Problem(
            detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status), extensions: more).ProblemDetails;
        problem.Type ??= "about:blank";
        response.StatusCode = status;
        await response.WriteAsJsonAsync(problem, options: null, "application/problem+json", cancellationToken);
        return true;
    }

    [LoggerMessage(9101, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Unexpected(ILogger logger, string method, string path, Exception exception);

    private static string Sentence(BadHttpRequestException bad) => bad.StatusCode switch
    {
        StatusCodes.Status415UnsupportedMediaType => "This call takes a body of application/json, and the request does not say that it is.",
        _ when Parameter(bad.Message) is { } sentence => sentence,
        StatusCodes.Status400BadRequest when bad.Message.Contains("body", StringComparison.Ordinal) => "This call needs a JSON body; /openapi/v1.json describes it.",
        _ => $"The request cannot be read: {bad.Message}",
    };

    // The framework names parameters by their types in C#, which callers do not know; the pieces between its quotes say the same.
    private static string? Parameter(string message) => message.Split('"') switch
    {
        ["Failed to bind parameter ", var parameter, " from ", .. var value, "."] =>
            $"'{Cut(string.Join('"', value))}' is no value for '{Name(parameter)}'.{Known(parameter)}",
        ["Required parameter ", var parameter, var rest] when rest.Contains("query string", StringComparison.Ordinal) =>
            $"'{Name(parameter)}' is missing: give it in the query string. /openapi/v1.json describes it.",
        _ => null,
    };

    private static string Known(string parameter) => parameter.Split(' ', '<', '>') switch
    {
        [.. var words] when words.Contains("int") => $" It is a whole number up to {int.MaxValue}.",
        [.. var words] when words.Contains("long") => $" It is a whole number up to {long.MaxValue}.",
        [.. var words] when words.Contains("bool") => " There are: true, false.",
        [.. var words] when words.Contains("DateTimeOffset") => " It is a time, such as 2018-11-01T00:00:00Z.",
        _ => "",
    };

    private static string Name(string parameter) => parameter[(parameter.LastIndexOf(' ') + 1)..];

    private static string Cut(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    /// <summary>The status that goes with a kind of refusal.</summary>
    public static int Status(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.Denied => StatusCodes.Status403Forbidden,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        ProblemKind.SignedOut => StatusCodes.Status401Unauthorized,
        ProblemKind.TooMany => StatusCodes.Status429TooManyRequests,
        ProblemKind.AnotherRequest => StatusCodes.Status422UnprocessableEntity,
        _ => throw new UnreachableException($"No status for {kind}."),
    };
}
