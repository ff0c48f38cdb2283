using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Sparkify.Core.Common;

namespace Sparkify.Web.Api;

/// <summary>Turns what an API call throws into problem details (RFC 9457) with a sentence.</summary>
internal sealed class Problems(IProblemDetailsService writer) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            SparkifyException ours => (Status(ours.Kind), ours.Message),
            BadHttpRequestException bad => (bad.StatusCode, $"{bad.Message} {(bad.InnerException?.Message)}".TrimEnd()),
            _ => (StatusCodes.Status500InternalServerError, "Something unexpected happened; the application's log has the details."),
        };
        httpContext.Response.StatusCode = status;
        var context = new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = { Status = status, Detail = detail } };
        if ((exception as SparkifyException)?.ActiveRun is { } run)
        {
            context.ProblemDetails.Extensions["id"] = run;
        }

        return await writer.TryWriteAsync(context);
    }

    private static int Status(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.Denied => StatusCodes.Status403Forbidden,
        ProblemKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new UnreachableException($"No status for {kind}."),
    };
}
