using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Aws;
using Sparkify.Core.Aws.Clients;
using Sparkify.Simulator;

namespace Sparkify.Tests.Core.Aws;

/// <summary>Our clients, registered as the application does it, against some endpoint of a test; impatient, and all logs kept.</summary>
internal sealed class AwsTestClients : IDisposable
{
    private readonly ServiceProvider _services;

    public AwsTestClients(Uri url, string region, string key, string secret, int retries = 8)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs));
        services.AddSingleton(
            new AwsTimeouts { Retries = retries, LongestBackOff = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromSeconds(60) });
        services.AddSingleton<ISimulatedAws>(new Fixed(new SimulatedAwsAccess(url, region, key, secret)));
        services.AddAws();
        _services = services.BuildServiceProvider();
        Aws = _services.GetRequiredService<IAws>();
    }

    public IAws Aws { get; }

    /// <summary>Where their meters come from.</summary>
    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>At once: no connection has to be read for it.</summary>
    public AwsClients Clients => AtOnce(Aws.ForAsync(new AwsPlace(Simulated: true), CancellationToken.None));

    /// <summary>Clients that nobody has to wait for.</summary>
    public static AwsClients AtOnce(ValueTask<AwsClients> asked) =>
        asked.IsCompletedSuccessfully ? asked.Result : throw new InvalidOperationException("They would have to be waited for, or cannot be had.");

    public LogKeeper Logs { get; } = new();

    public static AwsTestClients To(SimulatorServer simulator, string? secret = null, int retries = 8)
        => new(simulator.Url, simulator.Options.Region, simulator.Options.AccessKey, secret ?? simulator.Options.SecretKey, retries);

    public void Dispose() => _services.Dispose();

    private sealed record Fixed(SimulatedAwsAccess? Access) : ISimulatedAws;
}

/// <summary>Keeps every line that is logged, at every level.</summary>
internal sealed class LogKeeper : ILoggerProvider
{
    private readonly List<string> _lines = [];

    public string All
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Keeper(this);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Keeper(LogKeeper home) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (home._lines)
            {
                home._lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
            }
        }
    }
}
