using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Puts an end to what runs ask when something else answers it: a new load, a teardown, another limit.</summary>
internal sealed class RunDecisions(ActiveRuns active, TimeProvider clock)
{
    /// <summary>Discards, within a transaction of the store, what the runs of a warehouse ask; shown when the transaction stands.</summary>
    public async Task EndAsync(NpgsqlConnection db, string warehouse, string by, string why, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        foreach (var run in await RunQueries.AskingAsync(db, warehouse, ct))
        {
            await RunLedger.AnswerAsync(db, run, RunAnswer.Discard, by, why, now, active.NextRevision(), ct);
            await DiscardedAsync(db, run, $"Discarded. {why}", ct);
        }
    }

    /// <summary>Notes in the log of a run that it was discarded; shown when the transaction stands.</summary>
    public async Task DiscardedAsync(NpgsqlConnection db, long run, string message, CancellationToken ct)
    {
        var line = await RunLedger.LogAsync(db, run, clock.GetUtcNow(), RunLogLevel.Warning, message, ct);
        var view = await RunQueries.FindAsync(db, run, ct)
            ?? throw new InvalidOperationException($"Run {run} vanished as it was discarded.");
        StoreTransaction.AfterCommit(() =>
        {
            active.Lines.Publish(line);
            active.Show(view);
        });
    }
}
