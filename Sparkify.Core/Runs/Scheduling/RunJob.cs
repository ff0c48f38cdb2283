using System.Globalization;
using Hangfire;
using Hangfire.Server;
using Npgsql;

namespace Sparkify.Core.Runs.Scheduling;

/// <summary>
/// The job of every run: its number, and what it is called. Stored jobs name this type and its method: do not rename them.
/// </summary>
internal sealed class RunJob(RunShell shell)
{
    /// <summary>
    /// Works on a run. The shell turns a step's failure into an outcome; what still gets out is a store that does not answer, and that
    /// is tried again.
    /// </summary>
    /// <param name="run">The run's number.</param>
    /// <param name="title">What it does, for the list of jobs.</param>
    /// <param name="context">The firing; given by Hangfire.</param>
    /// <param name="ct">Fires when the application stops, or when another worker has the job; given by Hangfire.</param>
    [JobDisplayName("{1}, run {0}")]
    [AutomaticRetry(
        Attempts = 50, DelaysInSeconds = [1, 2, 4, 8, 15, 30, 60], OnlyOn = [typeof(NpgsqlException), typeof(TimeoutException)],
        OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    public Task WorkAsync(long run, string title, PerformContext context, CancellationToken ct) =>
        shell.WorkAsync(run, long.Parse(context.BackgroundJob.Id, CultureInfo.InvariantCulture), ct);
}
