using System.Globalization;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Notices;

/// <summary>Looks whether what readers see has become older than it may be, and tells it once for each star and limit.</summary>
internal sealed class StaleNotices(IWarehouses warehouses, INoticeOutbox outbox, TimeProvider clock) : IUpkeep
{
    public string Name => "stale";

    public string Cron => "*/5 * * * *";

    public async Task WorkAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var warehouse in await warehouses.ListAsync(ct))
        {
            if (warehouse.State == WarehouseState.Available && warehouse.Stale(now) is { Count: > 0 } stale)
            {
                var occasion = string.Create(
                    CultureInfo.InvariantCulture,
                    $"stale {warehouse.PublishedRun} {warehouse.Freshness.NewestEvent} {warehouse.Freshness.LastLoad} {stale.Count} {warehouse.Name}");
                await outbox.TellAsync(
                    new Notice(NoticeEvent.Stale, now, warehouse.Name, $"What readers of '{warehouse.Name}' see is stale. {string.Join(" ", stale)}"),
                    occasion, ct);
            }
        }
    }
}
