using System.Text;
using System.Text.Json;

namespace Sparkify.Bench;

/// <summary>The figures, as a table for people and as JSON for the next time.</summary>
internal sealed class Report(BenchArguments arguments)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<(string Title, IReadOnlyList<Measurement> Measurements)> _comparisons = [];
    private IReadOnlyList<ScalePoint> _scaling = [];

    /// <summary>Whole loads, when they were measured.</summary>
    public IReadOnlyList<WholeLoadResult> Whole { get; set; } = [];

    /// <summary>Loads of only what is new, when they were measured.</summary>
    public IReadOnlyList<NewFilesResult> New { get; set; } = [];

    /// <summary>Reports and queries, when they were measured.</summary>
    public IReadOnlyList<ReportsResult> Reports { get; set; } = [];

    /// <summary>Live pages with many viewers, when they were measured.</summary>
    public ViewersResult? Viewers { get; set; }

    /// <summary>Live pages with viewers who come and go, when they were measured.</summary>
    public WavesResult? Waves { get; set; }

    /// <summary>Wrong passwords, when they were measured.</summary>
    public SignInResult? SignIn { get; set; }

    public void Add(string title, IReadOnlyList<Measurement> measurements) => _comparisons.Add((title, measurements));

    public void Add(IReadOnlyList<ScalePoint> scaling) => _scaling = scaling;

    public string ToTable()
    {
        StringBuilder text = new();
        foreach (var (title, measurements) in _comparisons)
        {
            var stage = measurements[0];
            text.AppendLine($"{title} (median of {stage.Runs}, {Environment.ProcessorCount} cores)");
            text.AppendLine($"  {"",-20}{"s",9}{"fastest",9}{"slowest",9}{"own CPU",9}{"rows/s",12}   stage is");
            foreach (var one in measurements)
            {
                text.AppendLine(
                    $"  {one.Name,-20}{one.Seconds,9:F3}{one.Fastest,9:F3}{one.Slowest,9:F3}{one.OwnCpuSeconds,9:F2}{one.RowsPerSecond,12:N0}   {stage.RowsPerSecond / one.RowsPerSecond:F2} ×");
            }
        }

        foreach (var whole in Whole)
        {
            text.AppendLine($"whole load, {whole.Input} (medians)");
            text.AppendLine($"  first   {whole.First}");
            text.AppendLine($"  warm    {whole.Ours}");
            text.AppendLine($"  the first takes {whole.First.Seconds / whole.Ours.Seconds:F2} × a warm one (wanted: 1.3), that {whole.OverStaging:F2} × its staging");
            if (whole.DuckDb is null)
            {
                text.AppendLine($"  {whole.PeakMegabytes:F0} MiB at most, the whole process");
            }

            if (whole is { DuckDb: { } duck, Speed: { } speed })
            {
                text.AppendLine($"  DuckDB  {duck}");
                text.AppendLine($"  {speed:F2} × DuckDB's speed (wanted: 2, at least 1.5){(speed < 1.5 ? "   misses" : "")}");
            }
        }

        foreach (var one in New)
        {
            text.AppendLine(one.ToTable());
        }

        foreach (var reports in Reports)
        {
            text.AppendLine(reports.ToTable());
        }

        text.Append(Viewers?.ToTable());
        text.Append(Waves?.ToTable());
        text.Append(SignIn?.ToTable());
        foreach (var point in _scaling)
        {
            text.AppendLine(
                $"staging {point.Events,12:N0} events: {point.Seconds:F2} s, {point.NanosecondsPerEvent:F0} ns per event, {point.PeakMegabytes:F0} MiB at most");
        }

        if (_scaling is [var small, .., var large])
        {
            text.AppendLine(
                $"  the larger: {large.NanosecondsPerEvent / small.NanosecondsPerEvent:F2} × the time per event, {large.PeakMegabytes / small.PeakMegabytes:F2} × the memory");
        }

        return text.ToString();
    }

    public async Task WriteJsonAsync(string file, CancellationToken ct) => await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
    {
        arguments.Events,
        arguments.Scale,
        arguments.Songs,
        arguments.Runs,
        Cores = Environment.ProcessorCount,
        Runtime = Environment.Version.ToString(),
        Comparisons = _comparisons.Select(c => new
        {
            c.Title,
            Results = c.Measurements.Select(m => new { m.Name, m.Rows, m.Seconds, m.Fastest, m.Slowest, m.OwnCpuSeconds, m.RowsPerSecond }),
        }),
        Whole,
        New,
        Reports,
        Viewers,
        Waves,
        SignIn,
        Scaling = _scaling,
    }, Indented), ct);
}
