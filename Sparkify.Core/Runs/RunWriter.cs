using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>Writes down what a run at work does, and waits for the database when that is restarting.</summary>
internal sealed class RunWriter(RunLedger ledger, TimeProvider clock, ILogger<RunWriter> logger)
{
    /// <summary>Writes one step as it stands, and the log so far.</summary>
    public Task SaveAsync(ActiveRun run, int ordinal, StepView step, CancellationToken stopping) => PatientlyAsync(run, async ct =>
    {
        await ledger.SaveStepAsync(run.Id, ordinal, step, run.View.Revision, ct);
        await SaveLogAsync(run, ct);
    }, stopping);

    /// <summary>Forgets the steps from one on.</summary>
    public Task TrimAsync(ActiveRun run, int from, CancellationToken stopping) =>
        PatientlyAsync(run, ct => ledger.TrimStepsAsync(run.Id, from, ct), stopping);

    /// <summary>Writes the log lines that are not written yet.</summary>
    public async Task SaveLogAsync(ActiveRun run, CancellationToken ct)
    {
        var lines = run.TakeUnsaved();
        try
        {
            await ledger.SaveLogAsync(lines, ct);
        }
        catch
        {
            run.PutBack(lines);
            throw;
        }
    }

    /// <summary>Writes something, again and again while the database does not answer.</summary>
    public async Task PatientlyAsync(ActiveRun run, Func<CancellationToken, Task> write, CancellationToken stopping)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                await write(stopping);
                return;
            }
            catch (NpgsqlException ex) when (RunFailures.IsTransient(ex) && failures < 30)
            {
                RunsLog.StoreDoesNotAnswer(logger, run.Id, ex);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures), 15)), clock, stopping);
            }
        }
    }
}
