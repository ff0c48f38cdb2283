using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>The job of everything that happens by the clock. Stored jobs name this type and its method: do not rename them.</summary>
internal sealed class UpkeepJob(IEnumerable<IUpkeep> all)
{
    /// <summary>
    /// Does one of them once; one that a newer version brought is left to it. One that fails is deleted, with its reason, after a day.
    /// </summary>
    [JobDisplayName("Upkeep: {0}")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public async Task WorkAsync(string name, CancellationToken ct)
    {
        if (all.FirstOrDefault(u => u.Name == name) is { } upkeep)
        {
            await upkeep.WorkAsync(ct);
        }
    }
}

/// <summary>
/// Puts what happens by the clock into the queue's plan, and takes out what this version does not have. Beside the start, not before it: to
/// change the plan the queue wants a lock of its own, and one that a killed process left stands for a minute.
/// </summary>
internal sealed class UpkeepPlan(
    IEnumerable<IUpkeep> all, IRecurringJobManager recurring, JobStorage storage, TimeProvider clock,
    ILogger<UpkeepPlan> logger) : BackgroundService
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!TryPlan())
        {
            await Task.Delay(Again, clock, stoppingToken);
        }
    }

    private bool TryPlan()
    {
        try
        {
            Plan();
            return true;
        }
        catch (Exception ex) when (ex is PostgreSqlDistributedLockException || RunFailures.IsTransient(ex))
        {
            RunsLog.NotPlannedYet(logger, ex.Message);
            return false;
        }
    }

    private void Plan()
    {
        using var connection = storage.GetConnection();
        var planned = connection.GetRecurringJobs().Where(static r => !r.Id.StartsWith(WakeUpPlan.Prefix, StringComparison.Ordinal))
            .ToDictionary(static r => r.Id, StringComparer.Ordinal);
        foreach (var gone in planned.Keys.Except(all.Select(static u => u.Name), StringComparer.Ordinal))
        {
            recurring.RemoveIfExists(gone);
        }

        foreach (var upkeep in all)
        {
            if (planned.GetValueOrDefault(
                upkeep.Name) is { LoadException: null, Queue: HangfireSettings.Upkeep } there && there.Cron == upkeep.Cron)
            {
                continue;
            }

            // After a time without the application it is done once, not once for each time that was missed.
            recurring.AddOrUpdate(
                upkeep.Name, Job.FromExpression<UpkeepJob>(
                    job => job.WorkAsync(upkeep.Name, CancellationToken.None), HangfireSettings.Upkeep), upkeep.Cron,
                new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed });
        }
    }
}
