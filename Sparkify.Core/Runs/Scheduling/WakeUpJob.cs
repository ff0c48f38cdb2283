using System.Globalization;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>The job of every wake-up. Stored jobs name this type and its method: do not rename them.</summary>
internal sealed class WakeUpJob(IWoken woken)
{
    /// <summary>Wakes one. One that fails is deleted, with its reason, after a day: what is overdue is looked for every minute.</summary>
    [JobDisplayName("Wake schedule {0}")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Delete)]
    public Task WorkAsync(long id, CancellationToken ct) => woken.WakeAsync(id, ct);
}

/// <summary>
/// Brings the queue's plan of wake-ups in line with the times there are: at the start, when they change, and once a minute, since another
/// process may have changed them, or died between the change and this.
/// </summary>
internal sealed class WakeUpPlan(
    IWoken woken, IRecurringJobManager recurring, JobStorage storage, TimeProvider clock, ILogger<WakeUpPlan> logger)
    : BackgroundService, IWakeUps
{
    /// <summary>How the names of wake-ups begin in the queue's plan.</summary>
    public const string Prefix = "schedule-";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    private TaskCompletionSource _changed = NewChange();

    public void Changed() => Interlocked.Exchange(ref _changed, NewChange()).TrySetResult();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // Taken before the times are read: what changes meanwhile is not overlooked.
            var changed = Volatile.Read(ref _changed).Task;
            var done = await TryAlignAsync(stoppingToken);
            await Task.WhenAny(done ? changed : Task.Delay(Again, clock, stoppingToken), Task.Delay(Every, clock, stoppingToken));
        }
    }

    private async Task<bool> TryAlignAsync(CancellationToken ct)
    {
        try
        {
            Align(await woken.TimesAsync(ct));
            return true;
        }
        catch (Exception ex) when (!ct.IsCancellationRequested) // what ends here would end the application
        {
            RunsLog.NotPlannedYet(logger, ex.Message);
            return false;
        }
    }

    private void Align(IReadOnlyList<WakeUp> times)
    {
        using var connection = storage.GetConnection();
        var planned = connection.GetRecurringJobs().Where(static r => r.Id.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(static r => r.Id, StringComparer.Ordinal);
        foreach (var gone in planned.Keys.Except(times.Select(Name), StringComparer.Ordinal))
        {
            recurring.RemoveIfExists(gone);
        }

        foreach (var time in times)
        {
            if (planned.GetValueOrDefault(Name(time)) is { LoadException: null, Queue: HangfireSettings.Upkeep } there
                && there.Cron == time.Cron && there.TimeZoneId == time.Zone.Id)
            {
                continue;
            }

            // After a time without the application it is woken once; what that means is for whoever is woken to say.
            recurring.AddOrUpdate(
                Name(time), Job.FromExpression<WakeUpJob>(
                    job => job.WorkAsync(time.Id, CancellationToken.None), HangfireSettings.Upkeep), time.Cron,
                new RecurringJobOptions { TimeZone = time.Zone, MisfireHandling = MisfireHandlingMode.Relaxed });
        }
    }

    private static string Name(WakeUp time) => Prefix + time.Id.ToString(CultureInfo.InvariantCulture);

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
