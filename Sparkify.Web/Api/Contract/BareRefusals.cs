using Microsoft.AspNetCore.WebUtilities;

namespace Sparkify.Web.Api.Contract;

/// <summary>Refusals of the framework that come as a status alone: they get the form of all others.</summary>
internal static class BareRefusals
{
    /// <summary>What is said of a body that is too large.</summary>
    public static readonly string TooLarge = $"The body is larger than this call takes: at most {SparkifyApi.LongestBody / 1024:N0} kB.";

    public static void UseBareRefusals(this WebApplication app) => app.Use(static async (http, next) =>
    {
        await next(http);
        var response = http.Response;
        if (response is { HasStarted: false, StatusCode: >= StatusCodes.Status400BadRequest, ContentType: null }
            && http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            throw new HttpProblem(response.StatusCode, response.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge
                : $"{ReasonPhrases.GetReasonPhrase(response.StatusCode)}. /openapi/v1.json describes the API.");
        }
    });
}
