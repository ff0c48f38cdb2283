using Npgsql;
using Quartz;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>What the scheduler keeps of a run: its number. Everything else is in the runs' own tables.</summary>
internal sealed record RunTicket(long Run);

/// <summary>The job of every run. The stored jobs name this type: do not rename it.</summary>
internal sealed class RunJob(RunShell shell) : IJob<RunTicket>
{
    public async ValueTask Execute(IJobExecutionContext context, RunTicket input, CancellationToken cancellationToken = default) =>
        await shell.WorkAsync(input.Run, cancellationToken);
}

/// <summary>Runs on Quartz with its PostgreSQL store.</summary>
internal sealed class QuartzRunScheduler(ISchedulerFactory factory) : IRunScheduler
{
    private const string Group = "runs";

    public async Task EnqueueAndCommitAsync(long run, NpgsqlTransaction transaction, Action committed, CancellationToken ct)
    {
        var scheduler = await factory.GetScheduler(ct);
        // The scheduler is told of the new job when the scope ends, and must then be able to see it: commit inside.
        using (scheduler.EnlistTransaction(transaction))
        {
            await scheduler.ScheduleJob<RunJob, RunTicket>(
                new RunTicket(run), TimeSpan.Zero,
                new OneOffJobOptions { Name = $"run-{run}-{Guid.CreateVersion7():N}", Group = Group, RequestRecovery = true }, ct);
            await transaction.CommitAsync(ct);
            committed();
        }
    }

    public async Task<bool> AliveAsync(CancellationToken ct) => await factory.GetScheduler(ct) is { Status: SchedulerStatus.Running };
}
