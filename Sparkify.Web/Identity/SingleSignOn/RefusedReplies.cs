using System.Threading.RateLimiting;
using Sparkify.Core.People;

namespace Sparkify.Web.Identity.SingleSignOn;

/// <summary>
/// Replies that let nobody in, in the audit trail. Anybody can send as many as they like, so that of one address only some a minute are
/// recorded: the trail is not theirs to fill.
/// </summary>
internal sealed class RefusedReplies(IDoor door) : IDisposable
{
    private const int RecordedAMinute = 30;

    private readonly PartitionedRateLimiter<string> _places = PartitionedRateLimiter.Create<string, string>(
        static address => RateLimitPartition.GetFixedWindowLimiter(
            address, static _ => new FixedWindowRateLimiterOptions { PermitLimit = RecordedAMinute, Window = TimeSpan.FromMinutes(1) }));

    /// <summary>Records one, with the sentence that was answered.</summary>
    public async Task RecordAsync(CameFrom from, string said, CancellationToken ct)
    {
        using var place = _places.AttemptAcquire(from.Address);
        if (place.IsAcquired)
        {
            await door.RefusedAsync(from, said, ct);
        }
    }

    public void Dispose() => _places.Dispose();
}
