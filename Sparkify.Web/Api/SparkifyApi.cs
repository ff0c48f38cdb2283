using System.Text.Json;
using System.Text.Json.Serialization;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Web.Api;

/// <summary>The REST API: the pages' equal.</summary>
internal static class SparkifyApi
{
    public static IServiceCollection AddSparkifyApi(this IServiceCollection services)
    {
        services.AddOpenApi("v1", options => options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Sparkify Web";
            document.Info.Description = "Provision, load, watch and take down data warehouses.";
            return Task.CompletedTask;
        }));
        services.AddProblemDetails();
        services.AddExceptionHandler<Problems>();
        // What cannot be read becomes a sentence in every environment, not only in development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            // A misspelt field is refused: a limit that is not taken would be a limit that is not there.
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        });
        return services;
    }

    public static WebApplication MapSparkifyApi(this WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("alive")).WithTags("Health").WithSummary("200 while the process answers").AllowAnonymous();
        app.MapGet("/readyz", ReadyAsync).WithTags("Health").WithSummary("200 when the store and the scheduler answer").AllowAnonymous();
        app.MapOpenApi();
        var api = app.MapGroup("/api/v1");
        MeApi.Map(api);
        TokensApi.Map(api);
        AuditApi.Map(api);
        WarehousesApi.Map(api);
        ExploreApi.Map(api);
        RedshiftApi.Map(api);
        ConnectionsApi.Map(api);
        RunsApi.Map(api);
        ExportsApi.Map(api);
        ReportsApi.Map(api);
        DashboardsApi.Map(api);
        QueriesApi.Map(api);
        api.Map("/{**rest}", (HttpContext context) => throw SparkifyException.NotFound(
            $"Nothing answers {context.Request.Method} {context.Request.Path}{(context.Request.ContentType is { } type ? $" with a body of the type {type}" : "")}. " +
            "/openapi/v1.json describes the API; bodies are application/json.")).ExcludeFromDescription();
        return app;
    }

    private static async Task<IResult> ReadyAsync(IRunHealth health, CancellationToken ct) => await health.FaultAsync(ct) is { } fault
        ? TypedResults.Problem(fault, statusCode: StatusCodes.Status503ServiceUnavailable)
        : TypedResults.Text("ready");
}
