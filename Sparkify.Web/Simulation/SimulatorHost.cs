using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Sparkify.Core.Aws;
using Sparkify.Simulator;

namespace Sparkify.Web.Simulation;

/// <summary>Where the simulator is reached, once it runs.</summary>
internal sealed class SimulatedAws : ISimulatedAws
{
    public SimulatedAwsAccess? Access { get; set; }
}

/// <summary>
/// Runs the AWS simulator inside the application when <c>Aws:Simulator</c> is on, on loopback and a free port. It is there before
/// anything that may talk to it, and gone after it.
/// </summary>
internal sealed class SimulatorHost(IOptions<AwsOptions> options, SimulatedAws simulated) : IHostedService, IAsyncDisposable
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
        _server = await SimulatorServer.StartAsync(new SimulatorOptions(), ct);
        return _server.Url;
    }
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
