using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using Microsoft.Extensions.Hosting;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>The job of everything that happens by the clock. Stored jobs name this type and its method: do not rename them.</summary>
internal sealed class UpkeepJob(IEnumerable<IUpkeep> all)
{
    /// <summary>Does one of them once; one that a newer version brought is left to it. One that fails is deleted, with its reason, after a day.</summary>
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

/// <summary>Puts what happens by the clock into the queue's plan at the start, and takes out what this version does not have.</summary>
internal sealed class UpkeepPlan(IEnumerable<IUpkeep> all, IRecurringJobManager recurring, JobStorage storage) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        using var connection = storage.GetConnection();
        foreach (var gone in connection.GetRecurringJobs().Select(static r => r.Id).Except(all.Select(static u => u.Name), StringComparer.Ordinal))
        {
            recurring.RemoveIfExists(gone);
        }

        foreach (var upkeep in all)
        {
            // After a time without the application it is done once, not once for each time that was missed.
            recurring.AddOrUpdate(
                upkeep.Name, Job.FromExpression<UpkeepJob>(job => job.WorkAsync(upkeep.Name, CancellationToken.None), HangfireSettings.Upkeep), upkeep.Cron,
                new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed });
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
