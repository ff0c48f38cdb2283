using Dapper;
using Microsoft.Extensions.Hosting;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>
/// At the start, queues every run again that never came to its end. The scheduler recovers what it was executing by itself, but not a
/// run whose job it gave up on; a run that is queued twice runs once, since the shell looks first.
/// </summary>
internal sealed class RunRecovery(IStore store, IRunScheduler scheduler) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var db = await store.Database.OpenConnectionAsync(cancellationToken);
        var open = await db.QueryAsync<long>(new CommandDefinition(
            "select id from runs where state in ('queued', 'running') order by id", cancellationToken: cancellationToken));
        foreach (var run in open)
        {
            await using var transaction = await db.BeginTransactionAsync(cancellationToken);
            await scheduler.EnqueueAndCommitAsync(run, transaction, static () => { }, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
