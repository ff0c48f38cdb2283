using System.Diagnostics;
using Sparkify.Core.Common;

namespace Sparkify.Web.Telemetry;

/// <summary>
/// Gives runs and clicks a trace of their own also while nothing is exported: the log has its id, and so has what a person is told.
/// </summary>
internal sealed class TraceIds : IHostedService, IDisposable
{
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = static source => source.Name == Signals.Name,
        Sample = static (ref _) => ActivitySamplingResult.PropagationData,
    };

    public Task StartAsync(CancellationToken cancellationToken)
    {
        ActivitySource.AddActivityListener(_listener);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _listener.Dispose();
}
