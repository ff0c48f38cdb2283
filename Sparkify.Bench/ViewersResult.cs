using System.Text;

namespace Sparkify.Bench;

/// <summary>What the application answered to others meanwhile.</summary>
internal sealed class Probes
{
    /// <summary>Milliseconds of each request for the run.</summary>
    public List<double> Run { get; } = [];

    /// <summary>Milliseconds of each load of Home.</summary>
    public List<double> Home { get; } = [];

    /// <summary>The most memory the application was seen with.</summary>
    public double Megabytes { get; set; }
}

/// <summary>What one viewer got within a time.</summary>
/// <param name="UpdatesPerSecond">How often the page changed; changes within one frame of a screen are one.</param>
/// <param name="LongestPause">The longest time without a change, in seconds.</param>
/// <param name="BytesPerSecond">The size of all changes, unpacked.</param>
internal sealed record LiveFigures(double UpdatesPerSecond, double LongestPause, double BytesPerSecond)
{
    private const double Frame = 1 / 60.0;

    public static LiveFigures Of(BlazorViewer viewer, DateTimeOffset from, DateTimeOffset until)
    {
        var updates = viewer.Updates(from, until);
        var (shown, last, longest) = (0, from, 0.0);
        foreach (var update in updates)
        {
            var pause = (update.At - last).TotalSeconds;
            if (shown == 0 || pause >= Frame)
            {
                (shown, last, longest) = (shown + 1, update.At, Math.Max(longest, pause));
            }
        }

        var seconds = (until - from).TotalSeconds;
        return new LiveFigures(
            shown / seconds, Math.Max(longest, (until - last).TotalSeconds), updates.Sum(u => (long)u.Bytes) / seconds);
    }
}

/// <summary>One load, and what everyone who watched it got.</summary>
/// <param name="Seconds">How long it took, from its first step to its end.</param>
/// <param name="AppCpuSeconds">What the application computed.</param>
/// <param name="OwnCpuSeconds">What this process computed as all the viewers, on the same cores.</param>
/// <param name="WireBytes">What arrived at all viewers together, over the wire.</param>
/// <param name="Probes">What others got.</param>
/// <param name="Whole">What each viewer got in all.</param>
/// <param name="Staging">What each viewer got while records were staged: the steps that count as they go.</param>
/// <param name="LateMilliseconds">How long after its end each viewer saw it.</param>
internal sealed record WatchedLoad(
    double Seconds, double AppCpuSeconds, double OwnCpuSeconds, long WireBytes, Probes Probes, IReadOnlyList<LiveFigures> Whole,
    IReadOnlyList<LiveFigures> Staging, IReadOnlyList<double> LateMilliseconds)
{
    public override string ToString() =>
        $"{Whole.Count} viewers: {Seconds:F2} s, application's CPU {AppCpuSeconds:F2} s, own CPU {OwnCpuSeconds:F2} s" +
        (Whole.Count == 0 ? "" : $", {Whole.Min(v => v.UpdatesPerSecond):F2} updates/s at least");
}

/// <summary>How live a run's page is for many people at once, and what watching costs.</summary>
/// <param name="Viewers">How many people that is.</param>
/// <param name="Events">How much was loaded.</param>
/// <param name="Nobody">Loads that nobody watched.</param>
/// <param name="One">Loads that one person watched, who gets what there is to see.</param>
/// <param name="Many">Loads that all of them watched.</param>
internal sealed record ViewersResult(
    int Viewers, int Events, IReadOnlyList<WatchedLoad> Nobody, IReadOnlyList<WatchedLoad> One, IReadOnlyList<WatchedLoad> Many)
{
    /// <summary>What each viewer is to get.</summary>
    private const double Wanted = 5;

    public string ToTable()
    {
        StringBuilder text = new();
        text.AppendLine($"a load of {Events:N0} events on its live page (median of {Many.Count}, {Environment.ProcessorCount} cores)");
        Row("watched by", "nobody", "one", $"{Viewers}");
        Load("load, s", "F2", l => l.Seconds);
        Load("application's CPU, s", "F2", l => l.AppCpuSeconds);
        Load("viewers' own CPU, s", "F2", l => l.OwnCpuSeconds);
        Load("application's memory, MiB", "F0", l => l.Probes.Megabytes);
        Load("GET of the run, p50, ms", "F1", l => At(l.Probes.Run, 0.50));
        Load("GET of the run, p95, ms", "F1", l => At(l.Probes.Run, 0.95));
        Load("GET of Home, p50, ms", "F1", l => At(l.Probes.Home, 0.50));
        Load("GET of Home, p95, ms", "F1", l => At(l.Probes.Home, 0.95));
        Row("what a viewer gets", "one", $"of {Viewers}", "worst");
        Viewer("updates a second", "F2", l => l.Whole, v => v.UpdatesPerSecond, Enumerable.Min);
        Viewer("updates a second while staging", "F2", l => l.Staging, v => v.UpdatesPerSecond, Enumerable.Min);
        Viewer("longest pause, s", "F2", l => l.Whole, v => v.LongestPause, Enumerable.Max);
        Viewer("sees the end after, ms", "F0", l => l.LateMilliseconds, v => v, Enumerable.Max);
        Viewer("KiB a second, unpacked", "F1", l => l.Whole, v => v.BytesPerSecond / 1024, Enumerable.Max);
        Viewer<double>("KiB a second, over the wire", "F1", l => [l.WireBytes / l.Seconds / l.Whole.Count / 1024], v => v, Enumerable.Max);
        Mark("updates a second", l => l.Whole);
        Mark("updates a second while staging", l => l.Staging);
        return text.ToString();

        void Row(string name, string first, string second, string third) =>
            text.AppendLine($"  {name,-36}{first,10}{second,10}{third,10}");

        void Load(string name, string format, Func<WatchedLoad, double> of) => Row(
            name, Median(Nobody.Select(of), format), Median(One.Select(of), format), Median(Many.Select(of), format));

        void Viewer<T>(
            string name, string format, Func<WatchedLoad, IReadOnlyList<T>> all, Func<T, double> of,
            Func<IEnumerable<double>, double> worst)
        {
            var many = Many.SelectMany(all).Select(of).ToList();
            Row(name, Median(One.SelectMany(all).Select(of), format), Median(many, format), worst(many).ToString(format));
        }

        void Mark(string what, Func<WatchedLoad, IReadOnlyList<LiveFigures>> all)
        {
            var got = Many.SelectMany(all).Select(v => v.UpdatesPerSecond).ToList();
            var enough = got.Count(v => v >= Wanted);
            var mark = enough == got.Count ? "reached" : $"MISSED, {(double)enough / got.Count:P0} of them got that";
            text.AppendLine($"{Wanted} {what} for each of {Viewers} viewers: {mark}");
        }
    }

    private static string Median(IEnumerable<double> values, string format) => Measurement.Median(values).ToString(format);

    private static double At(List<double> values, double share) => values.Order().ElementAt((int)Math.Ceiling(share * values.Count) - 1);
}
