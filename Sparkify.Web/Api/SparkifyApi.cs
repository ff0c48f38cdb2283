using System.Net;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sparkify.Core.Runs;
using Sparkify.Web.Api.Contract;

namespace Sparkify.Web.Api;

/// <summary>The REST API: the pages' equal.</summary>
internal static class SparkifyApi
{
    public static IServiceCollection AddSparkifyApi(this IServiceCollection services)
    {
        services.AddOpenApi("v1", static options =>
        {
            options.CreateSchemaReferenceId = Schemas.Name;
            options.AddOperationTransformer<Description>().AddDocumentTransformer<Schemas>();
        });
        services.AddSingleton<Versions>();
        services.AddProblemDetails();
        services.AddExceptionHandler<Problems>();
        // What cannot be read becomes a sentence in every environment, not only in development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
            // A misspelt field is refused: a limit that is not taken would be a limit that is not there.
            options.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        return services;
    }

    public static WebApplication MapSparkifyApi(this WebApplication app)
    {
        // At once, without a look at who asks: that takes the database, which is what these tell of.
        app.MapGet("/healthz", static () => TypedResults.Text("alive")).WithTags("Health").Produces<string>(200, MediaTypeNames.Text.Plain)
            .Is("isAlive", "200 while the process answers").AllowAnonymous().ShortCircuit();
        app.MapGet("/readyz", ReadyAsync).WithTags("Health").Produces<string>(200, MediaTypeNames.Text.Plain)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .Is("isReady", "200 when the store and the scheduler answer").AllowAnonymous().ShortCircuit();
        app.MapOpenApi();
        var api = app.MapGroup("/api/v1").AddEndpointFilterFactory(RequestRules.Before);
        MeApi.Map(api);
        TokensApi.Map(api);
        AuditApi.Map(api);
        WarehousesApi.Map(api);
        ConnectApi.Map(api);
        ExploreApi.Map(api);
        RedshiftApi.Map(api);
        ConnectionsApi.Map(api);
        SecretsApi.Map(api);
        HooksApi.Map(api);
        RunsApi.Map(api);
        ChainsApi.Map(api);
        SchedulesApi.Map(api);
        ExportsApi.Map(api);
        ReportsApi.Map(api);
        DashboardsApi.Map(api);
        QueriesApi.Map(api);
        ReferencePage.Map(app);
        app.Map(NothingHere.Route, NothingHere.Answer).ExcludeFromDescription();
        return app;
    }

    // Nobody was asked who they are: what exactly is wrong, with paths and what the server said, is for whoever sits at the machine.
    private static async Task<IResult> ReadyAsync(IRunHealth health, HttpContext http, CancellationToken ct) =>
        await health.FaultAsync(ct) is not { } fault
            ? TypedResults.Text("ready")
            : TypedResults.Problem(
                http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
                && !http.Request.Headers.ContainsKey("X-Forwarded-For")
                    ? fault : "The application cannot work just now. Its log says why, and so does this address when it is asked on the machine itself.",
                statusCode: StatusCodes.Status503ServiceUnavailable);
}
