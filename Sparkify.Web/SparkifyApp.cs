using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Sparkify.Core.Access;
using Sparkify.Core.Audit;
using Sparkify.Core.Aws;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Connect;
using Sparkify.Core.Notices;
using Sparkify.Core.People;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Provisioning;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Schedules;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Api;
using Sparkify.Web.Api.Contract;
using Sparkify.Web.Identity;
using Sparkify.Web.Jobs;
using Sparkify.Web.Simulation;
using Sparkify.Web.Telemetry;

namespace Sparkify.Web;

/// <summary>Puts the application together; tests use the same door.</summary>
public static class SparkifyApp
{
    /// <summary>Builds the application. <paramref name="before"/> runs first, so that tests can register stand-ins that win.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? before = null)
    {
        // The settings travel with the program, so it may be started from any folder.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        before?.Invoke(builder);
        // What a hub receives is what people type, passwords included: it is not logged, whatever the settings say.
        builder.Logging.AddFilter("Microsoft.AspNetCore.SignalR", LogLevel.Information);
        builder.AddTelemetry();
        builder.Services
            // In the order of their hosted services: the database first, then what stands in for AWS, then the runs that talk to it.
            .AddStorage()
            .AddAudit()
            .AddPeople()
            .AddAwsConnections()
            .AddAws()
            .AddSimulator()
            .AddRuns()
            .AddNotices()
            .AddSources()
            .AddWarehouses()
            .AddProvisioning()
            .AddRedshift()
            .AddPipeline()
            .AddSchedules()
            .AddReports()
            .AddChains()
            .AddConnect()
            .AddIdentity()
            .AddSparkifyApi()
            .AddSparkifyUi();
        builder.Services.AddDataProtection();
        builder.Services.AddSingleton<ISecretBox, SecretBox>();
        builder.Services.AddOptions<KeyManagementOptions>()
            .Configure<IOptions<SparkifyOptions>, ILoggerFactory>((keys, sparkify, loggers) =>
            keys.XmlRepository = new FileSystemXmlRepository(KeyFolder.In(sparkify.Value.DataDirectory, "web"), loggers));
        // The last: it stands before what was added so far.
        builder.Services.AddGuards();

        var app = builder.Build();
        app.UseResponseHeaders();
        app.UseExceptionHandler();
        app.UseBareRefusals();
        app.UseBodyLimit();
        app.UseHeadRequests();
        app.UseDatabaseWait();
        app.UseIdentity();
        app.MapSparkifyApi();
        app.MapJobsDashboard();
        app.MapSparkifyUi();
        return app;
    }
}
