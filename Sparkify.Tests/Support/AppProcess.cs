using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Sparkify.Core.Storage.Embedded;

namespace Sparkify.Tests.Support;

/// <summary>
/// The real application as a process of its own, with its embedded PostgreSQL: what a person starts, and what can be killed.
/// </summary>
internal sealed class AppProcess : IAsyncDisposable
{
    // Ten times what it takes on a quiet machine, and more: tests run beside others.
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly TempFolder? _data;
    private bool _killed, _disposed;
    private readonly string _directory;

    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _output;

    private AppProcess(
        Process process, TempFolder? data, string directory, string address, Task<string> ready,
        System.Collections.Concurrent.ConcurrentQueue<string> output)
    {
        (_process, _data, _directory, Address, ReadyLine, _output) = (process, data, directory, address, ready, output);
        Http = new HttpClient { BaseAddress = new Uri(address) };
    }

    /// <summary>The application as it was built beside these tests, in the same configuration.</summary>
    public static string Program { get; } = BuiltBeside(new DirectoryInfo(AppContext.BaseDirectory));

    public string Address { get; }

    /// <summary>Everything it has said so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Where it keeps its data.</summary>
    public string DataDirectory => _directory;

    public HttpClient Http { get; }

    /// <summary>The line in which it says that it is ready.</summary>
    public Task<string> ReadyLine { get; }

    /// <summary>Starts it on a free port; on an earlier one's data after that was killed.</summary>
    public static async Task<AppProcess> StartAsync(AppProcess? after = null, bool autoSample = false, params string[] arguments)
    {
        var data = after?._data ?? new TempFolder();
        return await StartAsync(data, data.Path, ["--Sparkify:AutoSample", autoSample ? "true" : "false", .. arguments]);
    }

    /// <summary>Starts it with more in its environment.</summary>
    public static Task<AppProcess> StartAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var data = new TempFolder();
        return StartAsync(data, data.Path, ["--Sparkify:AutoSample", "false", .. arguments], environment);
    }

    /// <summary>Starts it on a data folder of the caller's.</summary>
    public static Task<AppProcess> OnAsync(string data, params string[] arguments) =>
        StartAsync(null, data, ["--Sparkify:AutoSample", "false", .. arguments]);

    /// <summary>Starts it on the data and with the settings of another one, which has stopped.</summary>
    public static Task<AppProcess> StartAsync(TestApp after, params string[] arguments) =>
        StartAsync(
            null, after.DataDirectory, ["--Sparkify:AutoSample", "false", "--ConnectionStrings:Sparkify", after.Store, .. arguments]);

    /// <summary>Starts it on a folder of the test's own.</summary>
    public static Task<AppProcess> StartOnAsync(string directory, params string[] arguments) =>
        StartAsync(null, directory, ["--Sparkify:AutoSample", "false", .. arguments]);

    /// <summary>Starts it where no more than so many files may be open at once.</summary>
    public static Task<AppProcess> StartLimitedAsync(int mostFiles)
    {
        var data = new TempFolder();
        return StartAsync(data, data.Path, ["--Sparkify:AutoSample", "false"], mostFiles: mostFiles);
    }

    /// <summary>
    /// Starts it on a folder, tells it to stop in the middle of that, as soon as something is so, and waits until it has ended: its exit
    /// code, and everything it said.
    /// </summary>
    public static async Task<(int Code, string Said)> StoppedAsync(string directory, Action telling, Func<string, bool> whenItHasSaid)
    {
        using var process = Process.Start(
            Info(["--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", directory, "--Sparkify:AutoSample", "false"]))!;
        var said = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.BecomesAsync(() => Task.FromResult(Whole()), text => whenItHasSaid(text) || process.HasExited, seconds: 240);
        Assert.False(process.HasExited, $"It ended by itself:\n{Whole()}");
        telling();
        await SignalAsync("TERM", process.Id);
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        return (process.ExitCode, Whole());

        void Hear(string? line)
        {
            lock (said)
            {
                said.AppendLine(line);
            }
        }

        string Whole()
        {
            lock (said)
            {
                return said.ToString();
            }
        }
    }

    /// <summary>
    /// Starts it with exactly these arguments and waits until it has ended by itself: its exit code, and what it said as an error.
    /// </summary>
    public static Task<(int Code, string Said)> RefusedAsync(params string[] arguments) => RefusedAsync(Info(arguments));

    /// <summary>The same where no more than so many files may be open at once.</summary>
    public static Task<(int Code, string Said)> RefusedAsync(int mostFiles, params string[] arguments)
    {
        var start = Limited(Info(arguments), mostFiles);
        return RefusedAsync(start);
    }

    private static ProcessStartInfo Limited(ProcessStartInfo start, int mostFiles)
    {
        string[] command = [start.FileName, .. start.ArgumentList];
        start.FileName = "/bin/sh";
        start.ArgumentList.Clear();
        foreach (var argument in (string[])["-c", $"ulimit -n {mostFiles}; exec \"$@\"", "sh", .. command])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static async Task<(int Code, string Said)> RefusedAsync(ProcessStartInfo start)
    {
        var (code, _, errors) = await CommandAsync(start);
        return (code, errors);
    }

    /// <summary>The same, with what it said as an output.</summary>
    public static Task<(int Code, string Said, string Wrong)> CommandAsync(params string[] arguments) => CommandAsync(Info(arguments));

    private static async Task<(int Code, string Said, string Wrong)> CommandAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(90)).Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, await output, await errors);
    }

    private static ProcessStartInfo Info(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])[Program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private static async Task<AppProcess> StartAsync(
        TempFolder? data, string directory, string[] arguments, IReadOnlyDictionary<string, string>? environment = null,
        int? mostFiles = null)
    {
        var start = Info(["--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", directory, .. arguments]);
        start = mostFiles is { } most ? Limited(start, most) : start;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Look(line.Data);
        process.ErrorDataReceived += (_, line) => Look(line.Data);
        process.Exited += (_, _) => listening.TrySetException(new InvalidOperationException("It ended."));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            return new AppProcess(process, data, directory, await listening.Task.WaitAsync(StartLimit), ready.Task, output);
        }
        catch (Exception ex)
        {
            process.Kill(entireProcessTree: true); // the test never gets it
            throw new InvalidOperationException($"The application did not start; it said:\n{string.Join('\n', output)}", ex);
        }

        void Look(string? line)
        {
            const string Listening = "Now listening on: ";
            output.Enqueue(line ?? "");
            if (line?.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                // A line of JSON goes on behind it.
                listening.TrySetResult(line[(at + Listening.Length)..].Split('"')[0].Trim());
            }
            else if (line?.StartsWith("Sparkify is ready", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult(line);
            }
        }
    }

    /// <summary>An answer; one that is to be asked for again, because the database is slow on a busy machine, is.</summary>
    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Eventually.BecomesAsync(
            () => Http.GetAsync(path), static answer => answer.StatusCode != HttpStatusCode.ServiceUnavailable, seconds: 60);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public async Task<JsonElement> PostAsync(string path, object body)
    {
        var answer = await Http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Rows per table, as the API tells them.</summary>
    public async Task<Dictionary<string, long>> CountsAsync(string warehouse) => (await GetAsync($"/api/v1/warehouses/{warehouse}/tables"))
        .EnumerateArray().Where(t => t.GetProperty("rows").ValueKind == JsonValueKind.Number)
        .ToDictionary(t => t.GetProperty("table").GetString()!, t => t.GetProperty("rows").GetInt64());

    /// <summary>Its own process.</summary>
    public int Pid => _process.Id;

    /// <summary>The process of its PostgreSQL.</summary>
    public int PostgresPid() => int.Parse(File.ReadLines(new PostgresFolder(Path.Combine(_directory, "postgres")).PidFile).First());

    /// <summary>A connection to its server, past the application.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(string database = "postgres")
    {
        var folder = new PostgresFolder(Path.Combine(_directory, "postgres"));
        var db = new NpgsqlConnection(
            $"Host={folder.Socket};Username=sparkify;Password={folder.Password()};Database={database};Pooling=false;GSS Encryption Mode=Disable");
        await db.OpenAsync();
        return db;
    }

    /// <summary>Sends a process a signal, such as <c>KILL</c> or <c>STOP</c>.</summary>
    public static async Task SignalAsync(string signal, int pid)
    {
        using var kill = Process.Start("kill", [$"-{signal}", pid.ToString()]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Names of databases and roles on its server that are like a pattern, looked up past the application.</summary>
    public async Task<IReadOnlyList<string>> OnServerAsync(string like)
    {
        await using var db = await ConnectAsync();
        await using var command = new NpgsqlCommand(
            "select datname from pg_database where datname like $1 union all select rolname from pg_roles where rolname like $1", db);
        command.Parameters.Add(new() { Value = like });
        List<string> names = [];
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    /// <summary>Tells it to stop, and waits until it has: its exit code. Its data are kept.</summary>
    public async Task<int> TermAsync()
    {
        await SignalAsync("TERM", _process.Id);
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it as <c>kill -9</c> does: nothing of it gets to say good-bye. Its PostgreSQL is left to itself.</summary>
    public async Task KillAsync()
    {
        _killed = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        Http.Dispose();
        _process.Dispose();
    }

    /// <summary>
    /// Ends whichever is the last of several that are started one after the other on the same data, however the test ends.
    /// </summary>
    public static IAsyncDisposable Last(Func<AppProcess> app) => new LastOf(app);

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        try
        {
            await (_killed ? EndPostgresAsync() : EndAsync());
        }
        finally
        {
            Http.Dispose();
            _process.Dispose();
            _data?.Dispose();
        }
    }

    private async Task EndAsync()
    {
        if (_process.HasExited)
        {
            return;
        }

        await SignalAsync("TERM", _process.Id);
        try
        {
            await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            throw;
        }
    }

    // What a killed one left to itself, when no other was started on its data.
    private async Task EndPostgresAsync()
    {
        if (_data is null || !File.Exists(new PostgresFolder(Path.Combine(_directory, "postgres")).PidFile))
        {
            return;
        }

        var pid = PostgresPid();
        await SignalAsync("QUIT", pid);
        await Eventually.BecomesAsync(() => Task.FromResult(Directory.Exists($"/proc/{pid}")), static there => !there);
    }

    private sealed class LastOf(Func<AppProcess> app) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => app().DisposeAsync();
    }

    private static string BuiltBeside(DirectoryInfo tests) => Path.Combine(
        tests.Parent!.Parent!.Parent!.Parent!.FullName, "Sparkify.Web", "bin", tests.Parent.Name, tests.Name, "Sparkify.Web.dll");
}
