using Microsoft.AspNetCore.WebUtilities;

namespace Sparkify.Web.Api.Contract;

/// <summary>Refusals of the framework that come as a status alone: they get the form of all others.</summary>
internal static class BareRefusals
{
    public static void UseBareRefusals(this WebApplication app) => app.Use(static async (http, next) =>
    {
        await next(http);
        var response = http.Response;
        if (response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentType: null }
            && http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            throw new HttpProblem(response.StatusCode, $"{ReasonPhrases.GetReasonPhrase(response.StatusCode)}. /openapi/v1.json describes the API.");
        }
    });
}
