using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Storage;
using Sparkify.Simulator;

namespace Sparkify.Web.Simulation;

/// <summary>Where the simulator is reached, once it runs.</summary>
internal sealed class SimulatedAws : ISimulatedAws
{
    public SimulatedAwsAccess? Access { get; set; }
}

/// <summary>
/// Runs the AWS simulator inside the application when <c>Aws:Simulator</c> is on, on loopback and a free port. It is there before
/// anything that may talk to it, and gone after it. Its clusters' SQL is answered by the application's own PostgreSQL server.
/// </summary>
internal sealed class SimulatorHost(
    IOptions<AwsOptions> options, IOptions<SparkifyOptions> sparkify, SimulatedAws simulated, IStore store, ISources sources,
    ILogger<SimulatorHost> logger) : IHostedService, IAsyncDisposable
{
    private SimulatorServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Simulator)
        {
            return;
        }

        var url = options.Value.SimulatorUrl is { } given ? new Uri(given) : await StartServerAsync(cancellationToken);
        var keys = _server?.Options ?? new SimulatorOptions();
        simulated.Access = new SimulatedAwsAccess(url, keys.Region, keys.AccessKey, keys.SecretKey);
        SimulatorLog.Answers(logger, url);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        simulated.Access = null;
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _server, null) is { } server)
        {
            await server.DisposeAsync();
        }
    }

    private async Task<Uri> StartServerAsync(CancellationToken ct)
    {
        var sample = await sources.OpenAsync(new SampleSource(), progress: null, ct);
        Dictionary<string, string> buckets = new(options.Value.SimulatorBuckets, StringComparer.Ordinal)
        {
            [SampleBucket.Name] = Path.GetDirectoryName(sample.Location(SourcePart.Events))!,
        };
        _server = await SimulatorServer.StartAsync(new SimulatorOptions
        {
            SqlBackend = await SuperuserAsync(ct),
            SqlPassword = () => new NpgsqlConnectionStringBuilder(Own()).Password!,
            Buckets = buckets,
            SecretKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)),
            StateFile = Path.Combine(sparkify.Value.DataDirectory, "simulator.json"),
        }, ct);
        return _server.Url;
    }

    private string Own() => store.ConnectionString(new NpgsqlConnectionStringBuilder(store.Database.ConnectionString).Database!);

    /// <summary>
    /// The server behind the clusters has to let the simulator make roles and read what is behind views: only a superuser may.
    /// </summary>
    private async Task<string> SuperuserAsync(CancellationToken ct)
    {
        await using var command = store.Database.CreateCommand("select rolsuper from pg_roles where rolname = current_user");
        return await command.ExecuteScalarAsync(ct) is true
            ? Own()
            : throw SparkifyException.Unavailable("Aws:Simulator needs a superuser on the PostgreSQL server in ConnectionStrings:Sparkify, because the simulated clusters live there. "
                + "Give one, leave the connection string out to use the embedded server, or set Aws:Simulator to false.");
    }
}

internal static partial class SimulatorLog
{
    [LoggerMessage(1301, LogLevel.Information, "The AWS simulator answers at {Url}; nothing of it is in AWS")]
    public static partial void Answers(ILogger logger, Uri url);
}

/// <summary>The bucket of the simulator that holds the generated sample, for whoever wants to load something at once.</summary>
internal static class SampleBucket
{
    public const string Name = "sparkify-sample";

    /// <summary>The sample as a source.</summary>
    public static LocationSource Source { get; } = new($"s3://{Name}/log_data/", $"s3://{Name}/song_data/", Simulated: true);
}

/// <summary>Registers the simulator.</summary>
internal static class SimulatorServices
{
    /// <summary>Adds the simulator; after the store and before the runs, whose steps talk to it.</summary>
    public static IServiceCollection AddSimulator(this IServiceCollection services)
    {
        services.TryAddSingleton<SimulatedAws>();
        services.TryAddSingleton<ISimulatedAws>(static provider => provider.GetRequiredService<SimulatedAws>());
        services.AddHostedService<SimulatorHost>();
        return services;
    }
}
