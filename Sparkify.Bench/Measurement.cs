using System.Diagnostics;

namespace Sparkify.Bench;

/// <summary>One way to do something, measured several times.</summary>
/// <param name="name">Its name in the table.</param>
/// <param name="prepareAsync">Done before each run and not measured.</param>
/// <param name="runAsync">Measured; answers how many rows it made.</param>
internal sealed class Measurement(string name, Func<Task> prepareAsync, Func<Task<long>> runAsync)
{
    private readonly List<(double Seconds, double OwnCpuSeconds)> _runs = [];

    public string Name { get; } = name;

    public long Rows { get; private set; }

    public int Runs => _runs.Count;

    public double Seconds => Median(_runs.Select(r => r.Seconds));

    public double Fastest => _runs.Min(r => r.Seconds);

    public double Slowest => _runs.Max(r => r.Seconds);

    /// <summary>What this process itself computed, without the server.</summary>
    public double OwnCpuSeconds => Median(_runs.Select(r => r.OwnCpuSeconds));

    public double RowsPerSecond => Rows / Seconds;

    /// <summary>Runs every measurement in turn, as often as asked: a slow minute of the machine then hits all of them.</summary>
    public static async Task InterleaveAsync(IReadOnlyList<Measurement> measurements, int runs)
    {
        for (var run = 0; run <= runs; run++)
        {
            foreach (var one in measurements)
            {
                // The first round compiles the code and fills the caches, and does not count.
                await one.OnceAsync(counts: run > 0);
            }
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private async Task OnceAsync(bool counts)
    {
        await prepareAsync();
        using var self = Process.GetCurrentProcess();
        var cpu = self.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        Rows = await runAsync();
        var elapsed = Stopwatch.GetElapsedTime(started);
        self.Refresh();
        if (counts)
        {
            _runs.Add((elapsed.TotalSeconds, (self.TotalProcessorTime - cpu).TotalSeconds));
        }

        await Console.Error.WriteLineAsync(
            $"  {Name}: {elapsed.TotalSeconds:F3} s, {Rows / elapsed.TotalSeconds:N0} rows/s, own CPU {(self.TotalProcessorTime - cpu).TotalSeconds:F2} s" +
            (counts ? "" : " (warm-up)"));
    }
}
