using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>
/// Queues every run again that nobody carries: at the start, so that what a killed application was at goes on at once, and once a minute,
/// for those another one left behind. Carried is a run whose job waits in the queue or for its time, and one whose warehouse is locked.
/// </summary>
internal sealed class RunRecovery(
    IStore store, RunQueries queries, IRunScheduler scheduler, RunQueue queue, ActiveRuns runs,
    ILogger<RunRecovery> logger) : IHostedService, IUpkeep
{
    public string Name => "recover-runs";

    public string Cron => "* * * * *";

    public Task StartAsync(CancellationToken cancellationToken) => WorkAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task WorkAsync(CancellationToken ct)
    {
        var active = await queries.ActiveAsync(ct);
        var waiting = await scheduler.WaitingAsync([.. active.Select(static a => a.Job).OfType<long>()], ct);
        foreach (var (run, warehouse, job) in active)
        {
            if (!(job is { } carrier && waiting.Contains(carrier)) && runs.Find(run) is null && await QueueAgainAsync(run, warehouse, ct))
            {
                RunsLog.Recovered(logger, run);
            }
        }
    }

    // Whoever works on it holds the lock of its warehouse. A worker that has the job but not the lock yet finds another job in its place.
    private Task<bool> QueueAgainAsync(long run, string warehouse, CancellationToken ct) => store.InTransactionAsync(async db =>
    {
        var free = await db.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select pg_try_advisory_xact_lock(hashtextextended(@warehouse, 42))", new { warehouse }, cancellationToken: ct));
        var active = free && await RunQueries.IsActiveAsync(db, run, ct);
        if (active)
        {
            await queue.ScheduleAsync(db, run, TimeSpan.Zero, static () => { }, ct);
        }

        return active;
    }, ct);
}
