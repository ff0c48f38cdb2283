using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses.Profiles;

namespace Sparkify.Bench;

/// <summary>How long one report takes.</summary>
/// <param name="Id">The report.</param>
/// <param name="FirstMilliseconds">The server's time right after the publish.</param>
/// <param name="ColdMilliseconds">The median of the server's times when it is computed.</param>
/// <param name="CachedMilliseconds">The median time to answer from the cache, the look into the registry included.</param>
internal sealed record ReportTimes(string Id, double FirstMilliseconds, double ColdMilliseconds, double CachedMilliseconds);

/// <summary>Figures of reports and queries.</summary>
internal sealed record ReportsResult(
    string Input, long Plays, IReadOnlyList<ReportTimes> Reports, double FirstRowsMilliseconds, double QuerySeconds, double QueryMegabytes,
    double CsvSeconds, double CsvFileMegabytes, double CsvMegabytes, double ProfileSeconds)
{
    public string ToTable() => string.Join('\n',
    [
        $"reports over {Plays:N0} plays, {Input} (server's milliseconds; wanted: 300 cold, 5 cached)",
        $"  {"",-20}{"first",9}{"cold",9}{"cached",9}",
        .. Reports.Select(r => $"  {r.Id,-20}{r.FirstMilliseconds,9:F0}{r.ColdMilliseconds,9:F0}{r.CachedMilliseconds,9:F1}{(r.ColdMilliseconds > 300 ? "   misses" : "")}"),
        $"query of all plays: first rows after {FirstRowsMilliseconds:F0} ms, done after {QuerySeconds:F2} s, {QueryMegabytes:F0} MiB more at its peak",
        $"CSV of all plays: {CsvFileMegabytes:F0} MiB in {CsvSeconds:F2} s, {CsvMegabytes:F0} MiB more at its peak",
        $"first profile of songplays: {ProfileSeconds:F2} s (wanted: 3){(ProfileSeconds > 3 ? "   misses" : "")}", "",
    ]);
}

/// <summary>Answers every report over a freshly published star, and reads a result of all its plays.</summary>
internal sealed class ReportsBench(BenchArguments arguments, BenchServer server)
{
    private const string Name = "bench-reports";
    private const string AllPlays = "select * from songplays";

    // Of the events, about 85 in 100 are plays.
    private const double EventsPerPlay = 1.17;

    public async Task<IReadOnlyList<ReportsResult>> RunAsync(CancellationToken ct)
    {
        // How many files they come in makes no difference here.
        List<ReportsResult> results = [];
        foreach (var input in (await LoadInput.AllAsync(arguments, (int)(arguments.Events * EventsPerPlay), ct)).Take(2))
        {
            results.Add(await RunAsync(input, ct));
        }

        return results;
    }

    private static Dictionary<string, string?> None { get; } = [];

    private async Task<ReportsResult> RunAsync(LoadInput input, CancellationToken ct)
    {
        await using var app = await BenchApp.StartAsync(arguments, server, Name, input.Folders, ct);
        await app.RunAsync(RunKind.Load, ct);
        var reports = app.Services.GetRequiredService<IReports>();
        List<ReportTimes> times = [];
        foreach (var report in reports.Catalogue)
        {
            times.Add(await TimeAsync(reports, report.Id, ct));
        }

        var plays = (long)(await reports.RunAsync(Name, "matched-plays", None, ct)).Rows.Sum(r => (long)r[1]!);
        var queries = app.Services.GetRequiredService<IQueries>();
        var (first, took, queryPeak) = await QueryAsync(queries, ct);
        var (seconds, size, csvPeak) = await CsvAsync(queries, ct);
        return new ReportsResult(input.Name, plays, times, first, took, queryPeak, seconds, size, csvPeak, await ProfileAsync(app, ct));
    }

    private async Task<ReportTimes> TimeAsync(IReports reports, string id, CancellationToken ct)
    {
        var first = (await reports.RunAsync(Name, id, None, ct)).Took.TotalMilliseconds;
        List<double> cold = [], cached = [];
        for (var run = 0; run < arguments.Runs; run++)
        {
            cold.Add((await reports.RunAsync(Name, id, None, ct, fresh: true)).Took.TotalMilliseconds);
            var began = Stopwatch.GetTimestamp();
            await reports.RunAsync(Name, id, None, ct);
            cached.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return new ReportTimes(id, first, Measurement.Median(cold), Measurement.Median(cached));
    }

    // The first of each publish; what is asked again is kept.
    private async Task<double> ProfileAsync(BenchApp app, CancellationToken ct)
    {
        List<double> seconds = [];
        for (var run = 0; run < arguments.Runs; run++)
        {
            await app.RunAsync(RunKind.Load, ct);
            var began = Stopwatch.GetTimestamp();
            await app.Services.GetRequiredService<ITableProfiles>().ProfileAsync(Name, "songplays", ct);
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return Measurement.Median(seconds);
    }

    private static async Task<(double FirstMilliseconds, double Seconds, double Megabytes)> QueryAsync(
        IQueries queries, CancellationToken ct)
    {
        using var memory = new PeakMemory();
        await using var run = await queries.StartAsync(Name, AllPlays, Actor.System, ct);
        var last = await run.Completion.WaitAsync(ct);
        return (last.FirstRowsAfter!.Value.TotalMilliseconds, last.Took.TotalSeconds, memory.Megabytes);
    }

    private static async Task<(double Seconds, double FileMegabytes, double Megabytes)> CsvAsync(IQueries queries, CancellationToken ct)
    {
        using var memory = new PeakMemory();
        var began = Stopwatch.GetTimestamp();
        await using var csv = await queries.OpenCsvAsync(Name, AllPlays, Actor.System, ct);
        await using var file = new CountingStream();
        await csv.WriteAsync(file, CsvForm.Raw, ct);
        return (Stopwatch.GetElapsedTime(began).TotalSeconds, file.Length / 1048576.0, memory.Megabytes);
    }

    /// <summary>How much more memory the process holds at its peak than at the beginning, looked at every few milliseconds.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly long _before;
        private readonly Timer _timer;
        private long _peak;

        public PeakMemory()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _before = Environment.WorkingSet;
            _timer = new Timer(_ => _peak = Math.Max(_peak, Environment.WorkingSet), null, 0, 10);
        }

        public double Megabytes => Math.Max(0, _peak - _before) / 1048576.0;

        public void Dispose() => _timer.Dispose();
    }

    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _length += buffer.Length;
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
