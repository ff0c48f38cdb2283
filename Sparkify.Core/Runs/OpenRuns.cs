using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>Counts the runs of the store that have not ended, while somebody outside wants to know.</summary>
internal sealed class OpenRuns(IMeterFactory meters, RunQueries queries, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private readonly Gauge<long> _open = meters.Create(Signals.Name).CreateGauge<long>(
        "sparkify.run.open", "{run}", "Runs of the store that have not ended, as every process on it sees them.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            if (_open.Enabled)
            {
                await CountAsync(stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CountAsync(CancellationToken ct)
    {
        try
        {
            foreach (var (state, runs) in await queries.OpenAsync(ct))
            {
                _open.Record(runs, new KeyValuePair<string, object?>("sparkify.run.state", state));
            }
        }
        catch (NpgsqlException)
        {
            // The watch over the store tells of that; what was counted last stands until the next time.
        }
    }
}
