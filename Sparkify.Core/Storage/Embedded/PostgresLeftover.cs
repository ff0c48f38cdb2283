using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>Deals with what an earlier application left behind when it was killed: a server still running, or its lock file.</summary>
internal static partial class PostgresLeftover
{
    private const int Interrupt = 2;
    private const int Quit = 3;

    /// <summary>
    /// Stops a server that still runs on our data folder (nobody else does: we hold the folder's lock) and removes a lock file whose
    /// process is not a PostgreSQL. Its statements die with it: they belong to runs that are started again.
    /// </summary>
    public static async Task ClearAsync(PostgresFolder folder, TimeProvider clock, CancellationToken ct)
    {
        if (!File.Exists(folder.PidFile))
        {
            return;
        }

        var first = (await File.ReadAllLinesAsync(folder.PidFile, ct)).FirstOrDefault();
        if (!int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || !IsPostgres(pid))
        {
            File.Delete(folder.PidFile);
            return;
        }

        await StopAsync(pid, () => IsPostgres(pid) && File.Exists(folder.PidFile), clock, ct);
        if (IsPostgres(pid) && File.Exists(folder.PidFile))
        {
            throw SparkifyException.Unavailable(
                $"A PostgreSQL server (process {pid}) still runs on '{folder.Data}' and does not stop. End that process and start again.");
        }
    }

    /// <summary>Asks a server to stop at once but cleanly; after 20 seconds, to stop without a checkpoint.</summary>
    public static async Task StopAsync(int pid, Func<bool> running, TimeProvider clock, CancellationToken ct)
    {
        foreach (var (signal, patience) in new[] { (Interrupt, TimeSpan.FromSeconds(20)), (Quit, TimeSpan.FromSeconds(10)) })
        {
            _ = Kill(pid, signal);
            var started = clock.GetTimestamp();
            while (running() && clock.GetElapsedTime(started) < patience)
            {
                // A process that is not our child gives no signal when it ends; this is the one place that has to look again.
                await Task.Delay(TimeSpan.FromMilliseconds(50), clock, ct);
            }

            if (!running())
            {
                return;
            }
        }
    }

    private static bool IsPostgres(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName is "postgres" or "postmaster" && !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false; // no such process
        }
        catch (InvalidOperationException)
        {
            return false; // it ended while we looked
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
