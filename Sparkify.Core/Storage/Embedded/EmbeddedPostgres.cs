using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkify.Core.Common;

namespace Sparkify.Core.Storage.Embedded;

/// <summary>
/// A PostgreSQL server of our own: made at the first start, reachable through a private Unix socket only, restarted when it
/// dies, stopped with the application. Holds the folder's lock while it lives.
/// </summary>
internal sealed class EmbeddedPostgres(
    PostgresFolder folder, string? binaries, TimeProvider clock, ILogger<EmbeddedPostgres> logger) : IAsyncDisposable
{
    // What a new cluster takes with its first load, and what a server needs to go on writing: two segments of its log.
    private const long LeastForNew = 256L << 20;
    private const long LeastToWrite = 32L << 20;

    private readonly ConcurrentQueue<string> _lastLines = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SuperuserLogin _login = new(folder, clock);
    private FileStream? _lock;
    private Process? _server;
    private Task _ended = Task.CompletedTask;
    private Task _supervision = Task.CompletedTask;
    private string? _fault;

    /// <summary>How many sessions it takes at once.</summary>
    public int MostConnections { get; init; } = 132;

    /// <summary>Why the server is down just now, or none.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>That there is no room for it to write, as a sentence; none when there is.</summary>
    public string? DiskFault => Free() is var free && free < LeastToWrite
        ? $"The disk is full where '{folder.Root}' is: {free >> 20} MiB are free, and the database needs {LeastToWrite >> 20} to write. " +
            "What is there can be read. Make room: it goes on by itself."
        : null;

    /// <summary>Its superuser's password, as it is just now: never log or show it.</summary>
    public string Password => folder.Password();

    /// <summary>When that was made.</summary>
    public DateTimeOffset PasswordSince => new(File.GetLastWriteTimeUtc(folder.PasswordFile), TimeSpan.Zero);

    /// <summary>How to connect to one of its databases as its superuser.</summary>
    public string ConnectionString(string database) => _login.ConnectionString(database);

    /// <summary>Gives its superuser a new password: see <see cref="SuperuserLogin"/>.</summary>
    public Task RenewPasswordAsync(CancellationToken ct) => _login.RenewAsync(_stopping.Token, ct);

    /// <summary>
    /// Makes the cluster when there is none, starts the server and waits until it answers. Throws a sentence when it cannot.
    /// </summary>
    public async Task StartAsync(CancellationToken ct)
    {
        if (OperatingSystem.IsWindows())
        {
            throw SparkifyException.Unavailable(
                "The embedded PostgreSQL needs Linux or macOS. On Windows give a server of your own in ConnectionStrings:Sparkify, or use WSL.");
        }

        var account = PostgresAccount.ForThisProcess();
        MakeRoot();
        _lock = folder.Lock();
        var programs = PostgresBinaries.Find(binaries, folder.Major());
        await account.MakeFolderAsync(folder.Socket, ct);
        await PostgresLeftover.ClearAsync(folder, account, clock, ct);
        if (folder.Major() is null)
        {
            await InitialiseAsync(programs, account, ct);
        }

        await LaunchAsync(programs, account, first: true, ct);
        _supervision = SuperviseAsync(programs, account);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync();
        await _supervision; // it may be starting the server again just now: only afterwards is it known which one to stop
        if (_server is { HasExited: false } server)
        {
            await PostgresLeftover.StopAsync(server.Id, () => !server.HasExited, clock, CancellationToken.None);
        }

        _server?.Dispose();
        await _login.DisposeAsync();
        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    private void MakeRoot()
    {
        try
        {
            Directory.CreateDirectory(folder.Root);
        }
        catch (Exception ex) when (ex is UnauthorizedAccessException or IOException)
        {
            throw SparkifyException.Unavailable($"The data folder '{folder.Root}' cannot be made: {ex.Message} " +
                "Choose another with Sparkify:DataDirectory.", ex);
        }

        // What is there already can be read on a full disk, too.
        var free = Free();
        if (folder.Major() is null && free < LeastForNew)
        {
            throw SparkifyException.Unavailable($"Only {free >> 20} MiB are free where '{folder.Root}' is, and a new database needs at least " +
                $"{LeastForNew >> 20}. Make room, or choose another Sparkify:DataDirectory.");
        }
    }

    private long Free() => new DriveInfo(folder.Root).AvailableFreeSpace;

    private async Task InitialiseAsync(PostgresBinaries programs, PostgresAccount account, CancellationToken ct)
    {
        StorageLog.Initialising(logger, folder.Data);
        if (Directory.Exists(folder.NewData))
        {
            Directory.Delete(folder.NewData, recursive: true); // an earlier start was interrupted
        }

        await account.MakeFolderAsync(folder.Root, ct);
        await account.MakeFolderAsync(folder.NewData, ct);
        folder.Password();
        await account.GiveAsync(folder.PasswordFile, ct);
        var (code, output) = await PostgresAccount.RunAsync(
            account.Start(
                programs.Program("initdb"), "-D", folder.NewData, "--username", SuperuserLogin.Name, $"--pwfile={folder.PasswordFile}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
            ct);
        if (code != 0)
        {
            throw SparkifyException.Unavailable($"The database could not be made in '{folder.Data}'. {Explain(output)}");
        }

        Directory.Move(folder.NewData, folder.Data);
    }

    private async Task LaunchAsync(PostgresBinaries programs, PostgresAccount account, bool first, CancellationToken ct)
    {
        _lastLines.Clear();
        var start = account.Start(programs.Program("postgres"), ["-D", folder.Data, .. Settings()]);
        var server = Process.Start(start) ?? throw new InvalidOperationException("postgres did not start.");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.EnableRaisingEvents = true;
        server.Exited += (_, _) => ended.TrySetResult();
        server.OutputDataReceived += (_, line) => Keep(line.Data);
        server.ErrorDataReceived += (_, line) => Keep(line.Data);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        _server?.Dispose();
        (_server, _ended) = (server, ended.Task);
        await WaitUntilReadyAsync(server, first, ct);
        Volatile.Write(ref _fault, null);
        StorageLog.Started(logger, server.Id, folder.Socket);
    }

    private IEnumerable<string> Settings()
    {
        string[] settings =
        [
            "listen_addresses=", $"unix_socket_directories={folder.Socket}", "unix_socket_permissions=0700", "port=5432",
            $"max_connections={MostConnections}", "shared_buffers=256MB", "maintenance_work_mem=128MB", "effective_cache_size=1GB",
            // One server, no standby: what is created and filled in one transaction needs no log of its rows.
            "wal_level=minimal", "max_wal_senders=0", "max_wal_size=4GB", "checkpoint_timeout=15min", "wal_compression=on",
            "jit=off", "random_page_cost=1.1", "logging_collector=off", "log_min_messages=warning", "lc_messages=C", "timezone=UTC",
            "log_timezone=UTC",
        ];
        return settings.SelectMany(s => new[] { "-c", s });
    }

    private async Task WaitUntilReadyAsync(Process server, bool first, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await _login.SettleAsync(first, ct);
                return;
            }
            catch (NpgsqlException ex) when (
                !server.HasExited && SuperuserLogin.IsStarting(ex) && clock.GetElapsedTime(started) < SuperuserLogin.Patience)
            {
                await Task.Delay(SuperuserLogin.Look, clock, ct);
            }
            catch (NpgsqlException ex)
            {
                var said = LastLines(ex);
                var sentence = $"The database in '{folder.Data}' does not start. {Explain(said)}";
                // What it said may still be on its way.
                throw IsDiskFull(said) || DiskFault is not null
                    ? new DatabaseFaultException(sentence, ex) { IsDiskFull = true, IsOver = () => DiskFault is null }
                    : SparkifyException.Unavailable(sentence, ex);
            }
        }
    }

    private async Task SuperviseAsync(PostgresBinaries programs, PostgresAccount account)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                // Not Process.WaitForExitAsync: that waits for the output's end, too, and backends of a killed server hold it open.
                await _ended.WaitAsync(_stopping.Token);
                var why = LastLines(null);
                Volatile.Write(ref _fault, $"The database stopped by itself and is being started again. {Explain(why)}");
                StorageLog.Died(logger, _server!.ExitCode, why);
                if (failures > 0)
                {
                    await Task.Delay(TimeSpan.FromSeconds(Math.Min(Math.Pow(2, failures - 1), 15)), clock, _stopping.Token);
                }

                await PostgresLeftover.ClearAsync(folder, account, clock, _stopping.Token);
                await LaunchAsync(programs, account, first: false, _stopping.Token);
                failures = 0;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex)
            {
                // Whatever it was (no memory for a process, a folder that went away): a supervisor that ends leaves the database down.
                failures++;
                Volatile.Write(ref _fault, ex is SparkifyException ? ex.Message : $"The database cannot be started again: {ex.Message}");
                StorageLog.RestartFailed(logger, failures, ex);
            }
        }
    }

    private void Keep(string? line)
    {
        if (line is not { Length: > 0 })
        {
            return;
        }

        _lastLines.Enqueue(line);
        while (_lastLines.Count > 30)
        {
            _lastLines.TryDequeue(out _);
        }

        // "Starting up" is the answer to our own asking whether it has started, and at the end all are sent away by us.
        if (line.Contains("PANIC", StringComparison.Ordinal)
            || (line.Contains("FATAL", StringComparison.Ordinal) && !line.Contains("starting up", StringComparison.Ordinal)
                && !_stopping.IsCancellationRequested))
        {
            StorageLog.Said(logger, line);
        }
    }

    private string LastLines(Exception? otherwise) =>
        _lastLines.IsEmpty ? otherwise?.Message ?? "It said nothing." : string.Join('\n', _lastLines);

    private static bool IsDiskFull(string output) => output.Contains("No space left", StringComparison.Ordinal);

    private static string Explain(string output) => output switch
    {
        _ when IsDiskFull(output) => "The disk is full: make room, and it goes on by itself.",
        _ when output.Contains("shared libraries", StringComparison.Ordinal) =>
            string.Create(CultureInfo.InvariantCulture, $"A library it needs is missing on this machine: {output}"),
        _ when output.Contains("Permission denied", StringComparison.Ordinal) =>
            $"The account '{Environment.UserName}' may not use the folder: {output}",
        _ when output.Contains("incompatible", StringComparison.Ordinal) => $"Another version of PostgreSQL made this folder: {output}",
        _ => $"PostgreSQL said: {output}",
    };
}
