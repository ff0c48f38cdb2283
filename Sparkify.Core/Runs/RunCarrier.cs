using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sparkify.Core.Runs;

/// <summary>
/// Carries a run that was taken up until it ends, waits, asks, or is handed over because the application stops. What goes wrong on the way
/// becomes the run's own error.
/// </summary>
internal sealed class RunCarrier(
    RunQueries queries, RunSteps steps, RunEnding ending, RunWriter writer, IHostApplicationLifetime host, ILogger<RunCarrier> logger)
{
    private const int MostStarts = 5;

    /// <summary>
    /// Carries it. Throws <see cref="OperationCanceledException"/> when the application stops first, or the job is another's.
    /// </summary>
    public async Task CarryAsync(ActiveRun run, long job, RunLedger.Begun begun, CancellationToken stopping)
    {
        RunsLog.Begins(logger, run.Id, run.View.Kind, run.View.Warehouse, begun.Starts);
        try
        {
            await WorkAndEndAsync(run, job, begun, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await HandOverAsync(run);
            throw;
        }
    }

    private async Task WorkAndEndAsync(ActiveRun run, long job, RunLedger.Begun begun, CancellationToken stopping)
    {
        StepsOutcome outcome;
        // Asked again now that a cancel finds the run here: one that came a moment earlier only wrote its wish down.
        var cancelled = begun.CancelAsked || await queries.CancelAskedAsync(run.Id, stopping);
        if (cancelled && begun.Waited)
        {
            // The step that waits gets to say what its end means.
            await run.StopAsync();
            outcome = await WorkAsync(run, begun, stopping);
        }
        else if (cancelled)
        {
            outcome = new StepsOutcome(RunState.Cancelled);
        }
        else if (begun.Starts > MostStarts)
        {
            outcome = new StepsOutcome(
                RunState.Failed, $"The application stopped {MostStarts} times in the middle of the same step. Read its log, then retry.");
        }
        else
        {
            outcome = await WorkAsync(run, begun, stopping);
        }

        if (outcome.LookAgain is { } after)
        {
            await ending.WaitAsync(run, job, after, stopping);
            return;
        }

        if (outcome.Asks is { } asks)
        {
            if (await ending.AskAsync(run, asks, stopping))
            {
                return;
            }

            outcome = new StepsOutcome(RunState.Cancelled); // somebody cancelled it in this very moment
        }

        await steps.CloseAsync(run, stopping);
        await ending.EndAsync(run, outcome.State, outcome.Error, outcome.State == RunState.Succeeded ? begun.NextKind : null, stopping);
    }

    // What goes wrong before the steps are reached, such as a warehouse that is not what it was, is the run's own error.
    private async Task<StepsOutcome> WorkAsync(ActiveRun run, RunLedger.Begun begun, CancellationToken stopping)
    {
        try
        {
            return await steps.WorkAsync(run, begun, stopping);
        }
        catch (Exception ex) when (ex is not OperationCanceledException && !RunFailures.IsTransient(ex))
        {
            RunsLog.NotTakenUp(logger, run.Id, ex);
            return new StepsOutcome(RunState.Failed, RunFailures.Sentence(ex));
        }
    }

    private async Task HandOverAsync(ActiveRun run)
    {
        RunsLog.HandedOver(logger, run.Id);
        run.Log(RunLogLevel.Warning, step: null, attempt: null, host.ApplicationStopping.IsCancellationRequested
            ? "The application stops; the run goes on when it starts again."
            : "This worker did not answer for a while; the run goes on with another.");
        try
        {
            await writer.SaveLogAsync(run, CancellationToken.None);
        }
        catch (NpgsqlException ex)
        {
            RunsLog.StoreDoesNotAnswer(logger, run.Id, ex); // only lines of the log are lost
        }
    }
}
