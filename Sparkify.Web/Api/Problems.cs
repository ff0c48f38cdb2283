using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api;

/// <summary>Turns what an API call throws into problem details (RFC 9457) with a sentence.</summary>
internal sealed partial class Problems(IProblemDetailsService writer, ILogger<Problems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            SparkifyException ours => (Status(ours.Kind), ours.Message),
            // The store does not answer, or not in time: it restarts, or has too much to do.
            NpgsqlException { IsTransient: true } or NpgsqlException
            {
                InnerException: TimeoutException or IOException
                or SocketException
            } =>
                (StatusCodes.Status503ServiceUnavailable, "The application's database does not answer just now. Try again in a moment."),
            BadHttpRequestException { InnerException: JsonException json } bad => (bad.StatusCode, Sentence(json)),
            BadHttpRequestException bad when Parameter(bad.Message) is { } sentence => (bad.StatusCode, sentence),
            BadHttpRequestException bad when bad.Message.Contains("body", StringComparison.Ordinal) =>
                (bad.StatusCode, "This call needs a JSON body; /openapi/v1.json describes it."),
            BadHttpRequestException bad => (bad.StatusCode, $"The request cannot be read: {bad.Message}"),
            _ => (StatusCodes.Status500InternalServerError, "Something unexpected happened; the application's log has the details."),
        };
        if (status == StatusCodes.Status500InternalServerError || exception is NpgsqlException)
        {
            // Since .NET 10 the server keeps silent about exceptions a handler has answered.
            Unexpected(logger, httpContext.Request.Method, httpContext.Request.Path, exception);
        }

        httpContext.Response.StatusCode = status;
        var context = new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = { Status = status, Detail = detail } };
        if ((exception as SparkifyException)?.ActiveRun is { } run)
        {
            context.ProblemDetails.Extensions["id"] = run;
        }

        if (!await writer.TryWriteAsync(context))
        {
            // The caller asked for something other than JSON; a sentence in JSON is better than none.
            await httpContext.Response.WriteAsJsonAsync(
                context.ProblemDetails, options: null, "application/problem+json", cancellationToken);
        }

        return true;
    }

    [LoggerMessage(9101, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Unexpected(ILogger logger, string method, string path, Exception exception);

    // The framework names parameters by their types in C#, which callers do not know; the pieces between its quotes say the same.
    private static string? Parameter(string message) => message.Split('"') switch
    {
        ["Failed to bind parameter ", var parameter, " from ", .. var value, "."] =>
            $"'{Cut(string.Join('"', value))}' is no value for '{Name(parameter)}'." +
                (parameter.StartsWith("int", StringComparison.Ordinal) ? $" It is a whole number up to {int.MaxValue}." : ""),
        ["Required parameter ", var parameter, var rest] when rest.Contains("query string", StringComparison.Ordinal) =>
            $"'{Name(parameter)}' is missing: give it in the query string. /openapi/v1.json describes it.",
        _ => null,
    };

    private static string Name(string parameter) => parameter[(parameter.LastIndexOf(' ') + 1)..];

    private static string Cut(string text) => text.Length <= 60 ? text : $"{text[..60]}…";

    private static string Sentence(JsonException ex)
    {
        var unknown = ex.Message.Contains("could not be mapped", StringComparison.Ordinal);
        var where = ex.Path is { Length: > 1 } path ? $" at '{path.TrimStart('$', '.')}'" : "";
        return unknown
            ? $"The body has a field that this call does not know{where}: {ex.Message.Split('\'')[1]}. /openapi/v1.json describes it."
            : $"The body is not the JSON this call takes: look{(where.Length > 0 ? where : " at its syntax")}, line {ex.LineNumber + 1}. /openapi/v1.json describes it.";
    }

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
        _ => throw new UnreachableException($"No status for {kind}."),
    };
}
