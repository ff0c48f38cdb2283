using Npgsql;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// Runs a COPY, shows how far it is, and takes over one that went on without us: a COPY commits by itself and outlives the connection it
/// came by, so that it must never be begun twice.
/// </summary>
internal sealed class CopyRunner(NpgsqlDataSource database, StepContext step, TimeProvider clock)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BooksLag = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(10);

    private CopyProgress _shown = new(0, "", 0, 0, 0, 0, 0);

    /// <summary>
    /// The COPY of a label when it is under way or has been done already, after waiting for its end; none when it is to be done.
    /// </summary>
    public async Task<CopyQuery?> AdoptAsync(string label, CancellationToken ct)
    {
        await using var db = await database.OpenConnectionAsync(ct);
        var found = await CopyHistory.FindAsync(db, label, ct);
        if (found is { IsUnderWay: true })
        {
            step.Warn(
                $"The COPY of an earlier attempt goes on in the cluster (query {found.Query}): waiting for it instead of loading twice.");
            found = await FollowAsync(db, label, ct);
        }

        if (found is not { Succeeded: true })
        {
            return null;
        }

        step.Log($"The COPY of an earlier attempt has succeeded (query {found.Query}): taken as it is.");
        await ShowAsync(db, found.Query, ct);
        return found;
    }

    /// <summary>Runs a COPY under a label and gives its number; its failure as the cluster told it.</summary>
    public async Task<CopyQuery> RunAsync(string label, string statement, CancellationToken ct)
    {
        await using var db = await database.OpenConnectionAsync(ct);
        await using var watcher = await database.OpenConnectionAsync(ct);
        _shown = new CopyProgress(0, "", 0, 0, 0, 0, 0);
        await db.RunAsync($"set query_group to {RedshiftSql.Literal(label + step.Attempt)}", ct);
        try
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var watching = WatchAsync(watcher, label, ended.Token);
            try
            {
                await db.RunAsync(statement, ct);
            }
            finally
            {
                await ended.CancelAsync();
                await watching;
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await StopAsync(label);
            throw;
        }
        finally
        {
            if (db.State == System.Data.ConnectionState.Open)
            {
                // There is no reset between two uses of a pooled connection.
                await db.RunAsync("reset query_group", CancellationToken.None);
            }
        }

        var query = await FollowAsync(watcher, label, ct) ?? throw SparkifyException.Unavailable(
            "The COPY came to its end, but the cluster's books do not know it. Retry this run: it looks again before it loads.");
        await ShowAsync(watcher, query.Query, ct);
        return query;
    }

    // Until it is over in the books, too.
    private async Task<CopyQuery?> FollowAsync(NpgsqlConnection db, string label, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            var found = await CopyHistory.FindAsync(db, label, ct);
            if (found is { IsUnderWay: true })
            {
                await ShowAsync(db, found.Query, ct);
            }
            else if (found is not null || clock.GetElapsedTime(began) > BooksLag)
            {
                return found;
            }

            await Task.Delay(Look, clock, ct);
        }
    }

    private async Task WatchAsync(NpgsqlConnection db, string label, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Look, clock, ct);
                if (await CopyHistory.FindAsync(db, label, ct) is { } found)
                {
                    await ShowAsync(db, found.Query, ct);
                }
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The COPY is over.
        }
        catch (NpgsqlException e)
        {
            // Looking on is a courtesy: the COPY itself tells how it ends.
            step.Warn($"The progress of the COPY cannot be seen any more: {e.Message}");
        }
    }

    private async Task ShowAsync(NpgsqlConnection db, long query, CancellationToken ct)
    {
        if (await CopyHistory.ProgressAsync(db, query, ct) is not { } now)
        {
            return;
        }

        // Counters only go up; what was shown of this COPY is taken off.
        step.Progress.AddRows(Math.Max(0, now.Rows - _shown.Rows));
        step.Progress.AddFiles(Math.Max(0, now.Files - _shown.Files));
        step.Progress.AddBytes(Math.Max(0, now.Bytes - _shown.Bytes));
        step.Progress.AddRejects(Math.Max(0, now.Errors - _shown.Errors));
        _shown = now;
    }

    // Cancelling asks once, over a new connection, and may be missed; nothing of ours may go on loading after a cancel.
    private async Task StopAsync(string label)
    {
        using var patience = new CancellationTokenSource(Stopping, clock);
        try
        {
            await using var db = await database.OpenConnectionAsync(patience.Token);
            while (await CopyHistory.FindAsync(db, label, patience.Token) is { IsUnderWay: true } found)
            {
                await db.RunAsync($"cancel {found.Session}", patience.Token);
                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, patience.Token);
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            step.Warn($"Whether the COPY was cancelled in the cluster could not be seen: {e.Message} A later load looks for it first.");
        }
    }
}
