using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using Sparkify.Core.Runs;

namespace Sparkify.Bench;

/// <summary>The real application as a process of its own, on a store of its own: what people open in their browsers.</summary>
internal sealed class ServedApp : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly Process _process;

    private ServedApp(Process process, Uri address)
    {
        _process = process;
        // Without cookies, every page it loads is somebody's first.
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address };
    }

    public HttpClient Http { get; }

    /// <summary>What the process computed so far.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>What it holds in RAM just now.</summary>
    public double Megabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Starts it on a free port of this machine and waits until it is ready.</summary>
    public static async Task<ServedApp> StartAsync(BenchArguments arguments, BenchServer server, CancellationToken ct)
    {
        const string Store = "bench_served";
        await server.ExecuteAsync($"drop database if exists {Store} with (force)", ct);
        await server.ExecuteAsync($"create database {Store}", ct);
        ProcessStartInfo start = new(
            "dotnet",
            [Program(), "--urls", "http://127.0.0.1:0", "--Sparkify:DataDirectory", arguments.AppDirectory, "--Sparkify:AutoSample", "false",
                // All viewers are one person's.
                "--Sparkify:Network:MaxPagesOfOne", "100000", "--Sparkify:Network:MaxPages", "100000"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Not among the arguments, because it has the password in it.
        start.Environment["ConnectionStrings__Sparkify"] =
            new NpgsqlConnectionStringBuilder(server.Connection) { Database = Store }.ConnectionString;
        var process = Process.Start(start)!;
        try
        {
            return new ServedApp(process, await ReadyAsync(process).WaitAsync(StartLimit, TimeProvider.System, ct));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>Asks the API for something to be done; answers the number of the run that does it.</summary>
    public async Task<long> PostAsync(string path, object? body, CancellationToken ct)
    {
        // What takes no body is refused when it gets one, "null" included.
        using var content = body is null ? null : JsonContent.Create(body);
        using var answer = await Http.PostAsync(new Uri($"api/v1/{path}", UriKind.Relative), content, ct);
        var text = await answer.Content.ReadAsStringAsync(ct);
        return answer.IsSuccessStatusCode
            ? JsonElement.Parse(text).TryGetProperty("id", out var id) ? id.GetInt64() : 0
            : throw new InvalidOperationException($"{path}: {text}");
    }

    /// <summary>A run as the API shows it.</summary>
    public async Task<RunView> RunAsync(long id, CancellationToken ct) =>
        (await Http.GetFromJsonAsync<RunView>($"api/v1/runs/{id}", Json, ct))!;

    /// <summary>Waits for the end of a run, which must be this one.</summary>
    public async Task<RunView> EndAsync(long id, RunState wanted, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(RunLimit);
        var run = await RunAsync(id, limit.Token);
        while (run.Active)
        {
            await Task.Delay(Look, TimeProvider.System, limit.Token);
            run = await RunAsync(id, limit.Token);
        }

        return run.State == wanted
            ? run
            : throw new InvalidOperationException($"The run {run.Kind} ended as {run.State} and not as {wanted}: {run.Error}");
    }

    /// <summary>Stops it as <c>kill</c> does, and by force if it does not end.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
        {
            await kill.WaitForExitAsync(CancellationToken.None);
        }

        try
        {
            await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(StartLimit, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static Task<Uri> ReadyAsync(Process process)
    {
        const string Listening = "Now listening on: ", Ready = "Sparkify is ready";
        TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ConcurrentQueue<string> said = [];
        Uri? address = null;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Exited += (_, _) =>
            ready.TrySetException(new InvalidOperationException($"The application ended:\n{string.Join('\n', said)}"));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return ready.Task;

        void Read(string? line)
        {
            if (line is null || ready.Task.IsCompleted)
            {
                return;
            }

            said.Enqueue(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                address = new Uri(line[(at + Listening.Length)..].Trim());
            }
            else if (line.StartsWith(Ready, StringComparison.Ordinal) && address is not null)
            {
                ready.TrySetResult(address);
            }
        }
    }

    /// <summary>The application as it was built beside this program, in the same configuration.</summary>
    private static string Program()
    {
        DirectoryInfo own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(
            own.Parent!.Parent!.Parent!.Parent!.FullName, "Sparkify.Web", "bin", own.Parent.Name, own.Name, "Sparkify.Web.dll");
    }
}
