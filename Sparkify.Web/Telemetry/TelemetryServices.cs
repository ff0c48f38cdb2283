using System.Reflection;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Sparkify.Core.Common;

namespace Sparkify.Web.Telemetry;

/// <summary>How the application is seen from outside: its log, and what it exports to a collector when there is one.</summary>
internal static class TelemetryServices
{
    /// <summary>The setting of every program that speaks OTLP; nothing is exported without it.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private static readonly string[] Meters =
    [
        Signals.Name, "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Components.Server.Circuits", "System.Net.Http", "System.Runtime",
    ];

    /// <summary>Has the log written in lines that nothing breaks.</summary>
    public static void AddLogLines(this ILoggingBuilder logging)
    {
        // Of several formatters of a name the first one counts, and the framework's own are there already.
        foreach (var name in new[] { ConsoleFormatterNames.Simple, ConsoleFormatterNames.Systemd })
        {
            logging.Services.Insert(0, ServiceDescriptor.Singleton<ConsoleFormatter>(
                provider => new LineFormatter(name, provider.GetService<TimeProvider>() ?? TimeProvider.System)));
        }
    }

    /// <summary>Adds the log's form, ids of traces, and the export.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        builder.Logging.AddLogLines();
        builder.Services.AddHostedService<TraceIds>();
        if (builder.Configuration[Endpoint] is { Length: > 0 } endpoint)
        {
            builder.Services.AddExport(endpoint);
        }
    }

    private static void AddExport(this IServiceCollection services, string endpoint)
    {
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw SparkifyException.Invalid(
                $"{Endpoint} is '{endpoint}', which is no address of a collector. Give one such as http://localhost:4317, or leave it out.");
        }

        var version = typeof(TelemetryServices).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        services.AddOpenTelemetry()
            // What the environment says of the service counts more.
            .ConfigureResource(resource => resource.AddService("sparkify-web", serviceVersion: version).AddEnvironmentVariableDetector())
            .WithMetrics(static metrics => metrics
                .AddMeter(Meters)
                // Without where the server is, which may be a path on this machine.
                .AddView(
                    "db.client.operation.duration",
                    new MetricStreamConfiguration { TagKeys = ["db.client.connection.pool.name", "error.type"] })
                // Nor where calls go: buckets, hooks and addresses behind names become ever more.
                .AddView("http.client.*", new MetricStreamConfiguration
                {
                    TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "error.type"],
                })
                .AddOtlpExporter())
            .WithTracing(static tracing => tracing
                .AddSource(SpanRules.Sources)
                .AddAspNetCoreInstrumentation(static http => http.Filter = IsWanted)
                .AddProcessor<SpanRules>()
                .AddOtlpExporter());
    }

    // A live page's connection is one request for as long as it is open, and health is asked for all the time.
    private static bool IsWanted(HttpContext http) => !http.Request.Path.StartsWithSegments("/_blazor", StringComparison.Ordinal)
        && !http.Request.Path.StartsWithSegments("/healthz", StringComparison.Ordinal)
        && !http.Request.Path.StartsWithSegments("/readyz", StringComparison.Ordinal);
}
