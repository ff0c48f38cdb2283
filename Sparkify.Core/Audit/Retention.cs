using System.Globalization;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Audit;

/// <summary>Takes out every night what is older than the settings keep it, and puts on record how much of what that was.</summary>
internal sealed class Retention(IStore store, IEnumerable<Kept> all, IAuditWriter audit, TimeProvider clock) : IUpkeep
{
    // One worker does whatever happens by the clock: what is left goes the next night.
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(3);

    public string Name => "retention";

    public string Cron => "17 3 * * *";

    public async Task WorkAsync(CancellationToken ct)
    {
        Dictionary<string, long> removed = new(StringComparer.Ordinal);
        using var limit = new CancellationTokenSource(Most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            foreach (var kept in all)
            {
                await kept.RemoveAsync(
                    store.Database, clock.GetUtcNow(), gone => removed[kept.What] = removed.GetValueOrDefault(kept.What) + gone,
                    either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            // Enough for this night.
        }
        finally
        {
            // Also when it was stopped in the middle: what is gone is gone.
            string[] words = [.. removed.Where(static r => r.Value > 0)
                .Select(static r => $"{r.Key} ({r.Value.ToString("N0", CultureInfo.InvariantCulture)})")];
            if (words.Length > 0)
            {
                await audit.WriteAsync(
                    Actor.System.Name, address: "", "clock", "retention.remove", AuditOutcome.Done, CancellationToken.None,
                    detail: $"Removed for their age: {Words.List(words)}.");
            }
        }
    }
}
