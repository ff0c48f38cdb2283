using System.Globalization;
using Dapper;
using Hangfire;
using Hangfire.Common;
using Hangfire.PostgreSql;
using Hangfire.PostgreSql.Factories;
using Hangfire.States;
using Microsoft.Extensions.Options;
using Npgsql;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>Runs on Hangfire with its PostgreSQL storage.</summary>
internal sealed class HangfireScheduler(
    IStore store, JobStorage storage, IJobFilterProvider filters, IOptions<JobOptions> options, TimeProvider clock) : IRunScheduler
{
    private static readonly TimeSpan Heartbeats = TimeSpan.FromSeconds(20);
    private readonly PostgreSqlStorageOptions _storage = HangfireSettings.Storage(options.Value);

    public long Enqueue(long run, string title, NpgsqlConnection db, TimeSpan delay, Action committed)
    {
        // Registered before Hangfire's own handler, so it is called before a worker here is woken.
        StoreTransaction.AfterCommit(committed);
        var within = new PostgreSqlStorage(new ExistingNpgsqlConnectionFactory(db, _storage), _storage);
        IState state = delay > TimeSpan.Zero ? new ScheduledState(delay) : new EnqueuedState(HangfireSettings.Runs);
        var job = new BackgroundJobClient(within, filters).Create(
            Job.FromExpression<RunJob>(work => work.WorkAsync(run, title, null!, CancellationToken.None), HangfireSettings.Runs), state);
        return long.Parse(job, CultureInfo.InvariantCulture);
    }

    public async Task<IReadOnlySet<long>> WaitingAsync(IReadOnlyList<long> jobs, CancellationToken ct)
    {
        await using var db = await store.Database.OpenConnectionAsync(ct);
        return (await db.QueryAsync<long>(new CommandDefinition(
            $"""
            select jobid from {HangfireSettings.Schema}.jobqueue where jobid = any(@jobs) and fetchedat is null
            union
            select id from {HangfireSettings.Schema}.job where id = any(@jobs) and statename = 'Scheduled'
            """,
            new { jobs = jobs.ToArray() }, cancellationToken: ct))).ToHashSet();
    }

    public bool IsAlive()
    {
        var seen = clock.GetUtcNow().UtcDateTime - Heartbeats;
        // A server's name holds its process: the lines of one that was killed stay for a while.
        var (machine, own) = ($"{Environment.MachineName.ToLowerInvariant()}-", $":{Environment.ProcessId}:");
        return storage.GetMonitoringApi().Servers().Any(
            server => server.Heartbeat > seen && server.Name.StartsWith(machine, StringComparison.Ordinal)
                && server.Name.Contains(own, StringComparison.Ordinal));
    }
}
