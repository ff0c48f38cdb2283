using Microsoft.Extensions.Time.Testing;
using Sparkify.Core.Common;
using Sparkify.Core.Notices;
using Sparkify.Core.Warehouses;
using Sparkify.Tests.Fakes;

namespace Sparkify.Tests.Core.Notices;

public sealed class StaleNoticesTests
{
    private readonly FakeTimeProvider _clock = new(Sample.Noon);
    private readonly FakeWarehouses _warehouses = new();
    private readonly FakeOutbox _outbox = new();

    [Fact]
    public async Task Stale_IsToldOnceForEachStar_AndNotForWhatHasNoLimitOrIsPaused()
    {
        var published = Sample.Warehouse(published: true) with
        {
            PublishedAt = Sample.Noon,
            Freshness = new FreshnessLimits(0, LastLoad: 24),
        };
        _warehouses.Have(published);
        _warehouses.Have(published with { Name = "any-age", Freshness = FreshnessLimits.None });
        _warehouses.Have(published with { Name = "asleep", State = WarehouseState.Paused });
        var watch = new StaleNotices(_warehouses, _outbox, _clock);
        await watch.WorkAsync(default);
        Assert.Empty(_outbox.Told);

        _clock.Advance(TimeSpan.FromHours(25));
        await watch.WorkAsync(default);
        await watch.WorkAsync(default);

        // The same occasion twice: the outbox tells it once.
        Assert.Equal(2, _outbox.Told.Count);
        Assert.Single(_outbox.Told.Select(static t => t.Occasion).Distinct());
        var (notice, _) = _outbox.Told[0];
        Assert.Equal((NoticeEvent.Stale, "music"), (notice.Event, notice.Warehouse));
        Assert.StartsWith("What readers of 'music' see is stale. The last load is ", notice.Text, StringComparison.Ordinal);
        // Another star is another occasion.
        _warehouses.Publish(published with { PublishedRun = 2 });
        await watch.WorkAsync(default);
        Assert.Equal(2, _outbox.Told.Select(static t => t.Occasion).Distinct().Count());
    }
}
