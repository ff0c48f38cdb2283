using System.Runtime.InteropServices;
using Npgsql;
using Sparkify.Core.Storage.Backup;

namespace Sparkify.Web;

/// <summary>The commands <c>backup FILE</c> and <c>restore FILE</c>, with settings behind them as for a start.</summary>
internal static class BackupCommand
{
    /// <summary>Whether these arguments are one of them.</summary>
    public static bool Is(string[] arguments) => arguments is ["backup" or "restore", ..];

    /// <summary>Does what is asked for; gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var command, var file, ..] || file.StartsWith('-'))
        {
            await Console.Error.WriteLineAsync($"Say which file: {arguments[0]} FILE");
            return 2;
        }

        // Quiet: what there is to say is said at the end.
        await using var app = SparkifyApp.Build([.. arguments[2..], "--Logging:LogLevel:Default", "Warning"]);
        using var cancel = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var backups = app.Services.GetRequiredService<IStoreBackups>();
        try
        {
            await Console.Out.WriteLineAsync(command == "backup"
                ? await backups.BackUpAsync(file, cancel.Token)
                : await backups.RestoreAsync(file, cancel.Token));
            return 0;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"The {command} was stopped.");
            return 130;
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException or NpgsqlException)
        {
            // What a disk, a folder or a server refuses is in their own words.
            await Console.Error.WriteLineAsync($"The {command} failed. {ex.Message}");
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            cancel.Cancel();
        }
    }
}
