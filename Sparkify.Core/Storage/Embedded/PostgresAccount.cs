using System.Diagnostics;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>Runs the server programs under an account they accept: PostgreSQL refuses to run as root.</summary>
internal sealed class PostgresAccount
{
    private const string Unprivileged = "postgres";
    private const string NewSession = "/usr/bin/setsid";

    // What programs need of the surroundings. The rest may hold passwords and keys, which are none of the database's business: under
    // another account others could read them there.
    private static readonly string[] Surroundings = ["PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

    private PostgresAccount(bool switches) => Switches = switches;

    /// <summary>Whether programs are started under another account than the application's.</summary>
    public bool Switches { get; }

    /// <summary>The account for this process: its own, or <c>postgres</c> when it is root.</summary>
    public static PostgresAccount ForThisProcess()
    {
        if (!string.Equals(Environment.UserName, "root", StringComparison.Ordinal))
        {
            return new PostgresAccount(switches: false);
        }

        if (!File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{Unprivileged}:", StringComparison.Ordinal)))
        {
            throw SparkifyException.Unavailable(
                $"Sparkify runs as root, PostgreSQL refuses to, and there is no account '{Unprivileged}' to run it under. " +
                "Start Sparkify as an ordinary user, or create that account.");
        }

        return new PostgresAccount(switches: true);
    }

    /// <summary>How to start a program under this account, with its output caught and its messages in English.</summary>
    public ProcessStartInfo Start(string program, params ReadOnlySpan<string> arguments)
    {
        // A session of its own: Ctrl+C in a terminal goes to all of its processes, and the database has to outlive the application.
        string[] session = File.Exists(NewSession) ? [NewSession] : [];
        string[] account = Switches ? ["setpriv", $"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--init-groups", "--"] : [];
        string[] command = [.. session, .. account, program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        Bare(start);
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["LC_MESSAGES"] = "C";
        return start;
    }

    // Without what would steer our server (PGDATA, PGPORT and the like), too.
    private static void Bare(ProcessStartInfo start)
    {
        foreach (var inherited in start.Environment.Keys.Except(Surroundings, StringComparer.Ordinal).ToList())
        {
            start.Environment.Remove(inherited);
        }
    }

    /// <summary>Makes a private folder that this account owns.</summary>
    public async Task MakeFolderAsync(string path, CancellationToken ct)
    {
        try
        {
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception ex) when (ex is UnauthorizedAccessException or IOException)
        {
            throw SparkifyException.Unavailable(
                $"The account '{Environment.UserName}' cannot make '{path}' its own: {ex.Message} Remove what is there, or choose another Sparkify:DataDirectory.", ex);
        }

        await GiveAsync(path, ct);
        if (Switches)
        {
            var (code, _) = await RunAsync(Start("test", "-w", path), ct);
            if (code != 0)
            {
                throw SparkifyException.Unavailable(
                    $"The account '{Unprivileged}', under which PostgreSQL runs when Sparkify is root, cannot reach '{path}'. " +
                    "Choose a Sparkify:DataDirectory below folders that everyone may enter, such as /var/lib/sparkify.");
            }
        }
    }

    /// <summary>Hands a file or folder to this account.</summary>
    public async Task GiveAsync(string path, CancellationToken ct)
    {
        if (!Switches)
        {
            return;
        }

        var start = new ProcessStartInfo("chown", [$"{Unprivileged}:{Unprivileged}", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        Bare(start);
        var (code, output) = await RunAsync(start, ct);
        if (code != 0)
        {
            throw SparkifyException.Unavailable($"'{path}' cannot be handed to the account '{Unprivileged}': {output}");
        }
    }

    /// <summary>Runs a program to its end; its exit code and everything it printed.</summary>
    public static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start, CancellationToken ct)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true); // nobody waits for it any more
            throw;
        }

        return (process.ExitCode, (await output + await errors).Trim());
    }
}
