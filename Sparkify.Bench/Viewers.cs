using System.Diagnostics;
using Sparkify.Core.Runs;

namespace Sparkify.Bench;

/// <summary>Loads the same with nobody, one person and many people watching it on its live page, in turn.</summary>
internal sealed class Viewers(BenchArguments arguments, BenchServer server)
{
    // Its own each time: what a measurement that failed left behind is in nobody's way.
    private static readonly string Name = $"bench-viewers-{Environment.ProcessId}";
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LoadLimit = TimeSpan.FromMinutes(10);

    /// <summary>How many browsers load the page at once while all of them are opened.</summary>
    private static readonly int AtOnce = 2 * Environment.ProcessorCount;

    public async Task<ViewersResult> RunAsync(CancellationToken ct)
    {
        await using var app = await LoadedAsync(arguments, server, ct);
        List<WatchedLoad> nobody = [], one = [], many = [];
        for (var run = 0; run <= arguments.Runs; run++)
        {
            foreach (var (viewers, all) in new[] { (0, nobody), (1, one), (arguments.Viewers, many) })
            {
                var load = await LoadAsync(app, viewers, ct);
                await Console.Error.WriteLineAsync($"  {load}{(run == 0 ? " (warm-up)" : "")}");
                if (run > 0)
                {
                    all.Add(load);
                }
            }
        }

        await RunAsync(app, "teardown", ct);
        return new ViewersResult(arguments.Viewers, arguments.Events, nobody, one, many);
    }

    /// <summary>Waves of as many people, one after the other: each comes, watches a load and leaves.</summary>
    public async Task<WavesResult> WavesAsync(CancellationToken ct)
    {
        await using var app = await LoadedAsync(arguments, server, ct);
        List<Wave> waves = [];
        for (var wave = 1; wave <= arguments.Waves; wave++)
        {
            var load = await LoadAsync(app, arguments.Viewers, ct);
            waves.Add(new Wave(load, app.Megabytes));
            await Console.Error.WriteLineAsync($"  wave {wave}, {load}, {app.Megabytes:F0} MiB");
        }

        await RunAsync(app, "teardown", ct);
        return new WavesResult(arguments.Viewers, arguments.Events, waves);
    }

    private static async Task<ServedApp> LoadedAsync(BenchArguments arguments, BenchServer server, CancellationToken ct)
    {
        var app = await ServedApp.StartAsync(arguments, server, ct);
        try
        {
            var sample = new { events = arguments.Events, songs = LoadInput.Songs };
            await app.PostAsync("warehouses", new { name = Name, source = new { sample } }, ct);
            await RunAsync(app, "provision", ct);
            // The first one makes the data.
            await RunAsync(app, "load", ct);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static async Task RunAsync(ServedApp app, string kind, CancellationToken ct) =>
        await app.EndAsync(await app.PostAsync($"warehouses/{Name}/runs", new { kind }, ct), RunState.Succeeded, ct);

    /// <summary>
    /// A load that everybody watches from its beginning to its end: it is cancelled at once, so that it has a page, and retried when all of
    /// them have that open.
    /// </summary>
    private static async Task<WatchedLoad> LoadAsync(ServedApp app, int viewers, CancellationToken ct)
    {
        var id = await app.PostAsync($"warehouses/{Name}/runs", new { kind = "load" }, ct);
        await app.PostAsync($"runs/{id}/cancel", null, ct);
        var titles = (await app.EndAsync(id, RunState.Cancelled, ct)).Steps.Select(s => s.Title).ToList();
        var audience = new BlazorViewer[viewers];
        try
        {
            Uri page = new(app.Http.BaseAddress!, $"runs/{id}");
            ParallelOptions some = new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
            await Parallel.ForAsync(0, viewers, some, async (at, one) => audience[at] = await BlazorViewer.OpenAsync(page, titles, one));
            return await WatchAsync(app, id, audience, titles, ct);
        }
        finally
        {
            await Parallel.ForEachAsync(
                audience.OfType<BlazorViewer>(), CancellationToken.None, async (one, _) => await one.DisposeAsync());
        }
    }

    private static async Task<WatchedLoad> WatchAsync(
        ServedApp app, long id, BlazorViewer[] audience, IReadOnlyList<string> titles, CancellationToken ct)
    {
        var works = audience.Select(v => v.Await(titles)).ToList();
        // What the page offers when the load has succeeded, with warnings or without.
        var ends = audience.Select(v => v.Await(["Load again"])).ToList();
        var wire = audience.Sum(v => v.WireBytes);
        using var self = Process.GetCurrentProcess();
        var (cpu, own, retried) = (app.CpuSeconds, self.TotalProcessorTime, TimeProvider.System.GetUtcNow());
        await app.PostAsync($"runs/{id}/retry", null, ct);
        var (run, probes) = await ProbeAsync(app, id, ct);
        self.Refresh();
        var (appCpu, ownCpu) = (app.CpuSeconds - cpu, (self.TotalProcessorTime - own).TotalSeconds);
        wire = audience.Sum(v => v.WireBytes) - wire;

        // What was done before the cancel is not done again.
        var steps = run.Steps.Where(s => s.StartedAt >= retried).ToList();
        var (from, until) = (steps.Min(s => s.StartedAt)!.Value, run.FinishedAt!.Value);
        var staged = steps.Where(s => s.Name.StartsWith("stage-", StringComparison.Ordinal)).ToList();
        List<double> late = [];
        foreach (var (viewer, work, end) in audience.Zip(works, ends))
        {
            if (await viewer.OrBrokenAsync(work, ct) > until)
            {
                throw new InvalidOperationException($"A viewer saw nothing of run {id} before its end: its page was not live.");
            }

            late.Add((await viewer.OrBrokenAsync(end, ct) - until).TotalMilliseconds);
        }

        return new WatchedLoad(
            (until - from).TotalSeconds, appCpu, ownCpu, wire, probes,
            [.. audience.Select(v => LiveFigures.Of(v, from, until))],
            [.. audience.Select(v => LiveFigures.Of(v, staged.Min(s => s.StartedAt)!.Value, staged.Max(s => s.FinishedAt)!.Value))],
            late);
    }

    /// <summary>Asks for the run and for Home, in turn, until the run has ended.</summary>
    private static async Task<(RunView Run, Probes Probes)> ProbeAsync(ServedApp app, long id, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(LoadLimit);
        Probes probes = new();
        RunView run;
        do
        {
            var began = Stopwatch.GetTimestamp();
            run = await app.RunAsync(id, limit.Token);
            probes.Run.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            began = Stopwatch.GetTimestamp();
            await app.Http.GetStringAsync("/", limit.Token);
            probes.Home.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            probes.Megabytes = Math.Max(probes.Megabytes, app.Megabytes);
            await Task.Delay(Look, TimeProvider.System, limit.Token);
        }
        while (run.Active);
        return run.State == RunState.Succeeded
            ? (run, probes)
            : throw new InvalidOperationException($"The run {run.Kind} ended as {run.State}: {run.Error}");
    }
}
