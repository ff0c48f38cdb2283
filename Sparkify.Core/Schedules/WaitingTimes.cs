using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Schedules;

/// <summary>
/// Starts what waits for a run of its warehouse when that has ended here. For one that ends in another process, or while the store does not
/// answer, the look of each minute is there.
/// </summary>
internal sealed class WaitingTimes(IRuns runs, DueTimes times, ILogger<WaitingTimes> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = runs.Subscribe();
        while (await changes.Reader.WaitToReadAsync(stoppingToken))
        {
            HashSet<string> free = new(StringComparer.Ordinal);
            while (changes.Reader.TryRead(out var run))
            {
                if (!run.Active)
                {
                    free.Add(run.Warehouse);
                }
            }

            foreach (var warehouse in free)
            {
                await TryAsync(warehouse, stoppingToken);
            }
        }
    }

    private async Task TryAsync(string warehouse, CancellationToken ct)
    {
        try
        {
            await times.TryOpenAsync(ct, warehouse);
        }
        catch (Exception ex) when (!ct.IsCancellationRequested)
        {
            // What ended this loop would end the application. The look of each minute tries again.
            SchedulesLog.NotTriedNow(logger, warehouse, ex.Message);
        }
    }
}
