using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>Deals with what an earlier application left behind when it was killed: a server still running, or its lock file.</summary>
internal static partial class PostgresLeftover
{
    private const int Interrupt = 2;
    private const int Quit = 3;

    /// <summary>
    /// Stops a server that still runs on our data folder (nobody else does: we hold the folder's lock) and removes a lock file whose
    /// process is something else. Its statements die with it: they belong to runs that are started again.
    /// </summary>
    public static async Task ClearAsync(PostgresFolder folder, PostgresAccount account, TimeProvider clock, CancellationToken ct)
    {
        if (File.Exists(folder.PidFile))
        {
            var first = (await File.ReadAllLinesAsync(folder.PidFile, ct)).FirstOrDefault();
            if (int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && IsOurs(pid, folder))
            {
                await StopAsync(pid, () => IsOurs(pid, folder), clock, ct);
                if (IsOurs(pid, folder))
                {
                    throw SparkifyException.Unavailable(
                        $"A PostgreSQL server (process {pid}) still runs on '{folder.Data}' and does not stop. End that process and start again.");
                }
            }

            File.Delete(folder.PidFile);
        }

        await StopOrphansAsync(folder, account, clock, ct);
    }

    /// <summary>
    /// Asks a server to stop at once but cleanly; after 5 seconds, to stop without a checkpoint. After much work that may take long, and
    /// nothing is lost: the next start does from the log what it would have done.
    /// </summary>
    public static async Task StopAsync(int pid, Func<bool> running, TimeProvider clock, CancellationToken ct)
    {
        foreach (var (signal, patience) in new[] { (Interrupt, TimeSpan.FromSeconds(5)), (Quit, TimeSpan.FromSeconds(10)) })
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

    // Backends whose server was killed go on until they next look for it, and keep a new server from starting meanwhile. They are found
    // by the folder they work in, which only their own account may see: root need not be allowed to in a container.
    private static async Task StopOrphansAsync(PostgresFolder folder, PostgresAccount account, TimeProvider clock, CancellationToken ct)
    {
        const string Script =
            """
            for p in /proc/[0-9]*; do
                if [ "$(readlink "$p/cwd" 2>/dev/null)" = "$1" ]; then kill -QUIT "${p#/proc/}" && echo "$p"; fi
            done 2>/dev/null
            """;
        var started = clock.GetTimestamp();
        while (OperatingSystem.IsLinux() && clock.GetElapsedTime(started) < TimeSpan.FromSeconds(10))
        {
            var (_, found) = await PostgresAccount.RunAsync(account.Start("/bin/sh", "-c", Script, "sh", folder.Data), ct);
            if (found.Length == 0)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, ct);
        }
    }

    // After a reboot the number in an old lock file may be that of any process, even of another PostgreSQL: that one must live.
    private static bool IsOurs(int pid, PostgresFolder folder)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited && process.ProcessName is "postgres" or "postmaster" &&
                (!OperatingSystem.IsLinux() || Arguments(pid).Contains(folder.Data));
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

    private static string[] Arguments(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline", Encoding.UTF8).Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
