using System.Text;

namespace Sparkify.Bench;

/// <summary>One wave of viewers.</summary>
/// <param name="Load">The load they watched.</param>
/// <param name="Megabytes">What the application held in RAM when they had left.</param>
internal sealed record Wave(WatchedLoad Load, double Megabytes);

/// <summary>What the application answers, and what it keeps, while many people come, watch a load and leave, several times.</summary>
/// <param name="Viewers">How many people a wave is.</param>
/// <param name="Events">How much was loaded.</param>
/// <param name="Waves">The waves, in order.</param>
internal sealed record WavesResult(int Viewers, int Events, IReadOnlyList<Wave> Waves)
{
    /// <summary>What 95 of 100 answers are to take at most, in milliseconds.</summary>
    private const double Wanted = 500;

    public string ToTable()
    {
        StringBuilder text = new();
        text.AppendLine($"{Waves.Count} waves of {Viewers} viewers, each on a load of {Events:N0} events ({Environment.ProcessorCount} cores)");
        Row("wave", static (_, at) => $"{at + 1}");
        Row("load, s", static (w, _) => $"{w.Load.Seconds:F2}");
        Row("application's CPU, s", static (w, _) => $"{w.Load.AppCpuSeconds:F1}");
        Row("viewers' own CPU, s", static (w, _) => $"{w.Load.OwnCpuSeconds:F1}");
        Row("memory at most, MiB", static (w, _) => $"{w.Load.Probes.Megabytes:F0}");
        Row("memory when they have left, MiB", static (w, _) => $"{w.Megabytes:F0}");
        Row("requests", static (w, _) => $"{w.Load.Probes.Run.Count + w.Load.Probes.Home.Count}");
        Row("GET of the run, p50, ms", static (w, _) => $"{At(w.Load.Probes.Run, 0.50):F0}");
        Row("GET of the run, p95, ms", static (w, _) => $"{At(w.Load.Probes.Run, 0.95):F0}");
        Row("GET of Home, p50, ms", static (w, _) => $"{At(w.Load.Probes.Home, 0.50):F0}");
        Row("GET of Home, p95, ms", static (w, _) => $"{At(w.Load.Probes.Home, 0.95):F0}");
        Row("updates a second, median", static (w, _) => $"{Measurement.Median(w.Load.Whole.Select(v => v.UpdatesPerSecond)):F2}");
        Row("sees the end after, p95, ms", static (w, _) => $"{At(w.Load.LateMilliseconds, 0.95):F0}");
        foreach (var (what, of) in new (string, Func<WatchedLoad, IReadOnlyList<double>>)[]
            {
                ("GET of the run", static l => l.Probes.Run), ("GET of Home", static l => l.Probes.Home),
                ("sees the end after", static l => l.LateMilliseconds),
            })
        {
            var p95 = At([.. Waves.SelectMany(w => of(w.Load))], 0.95);
            text.AppendLine($"{what}, p95 of all waves: {p95:F0} ms, {(p95 < Wanted ? "below" : "MISSES")} {Wanted} ms");
        }

        return text.ToString();

        void Row(string name, Func<Wave, int, string> of) =>
            text.AppendLine($"  {name,-36}{string.Concat(Waves.Select((w, at) => $"{of(w, at),8}"))}");
    }

    private static double At(IReadOnlyList<double> values, double share) =>
        values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}
