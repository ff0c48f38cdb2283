using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Sparkify.Core.Pipeline.Staging;
using Sparkify.Core.Star;

namespace Sparkify.Bench;

/// <summary>One size, staged several times, each time by a fresh process.</summary>
internal sealed record ScalePoint(long Events, double Seconds, double PeakMegabytes, double AllocatedMegabytes)
{
    public double NanosecondsPerEvent => Seconds / Events * 1e9;
}

/// <summary>
/// Stages N and a multiple of N, each time in a process of its own, because only a fresh process has an honest peak of memory.
/// </summary>
internal sealed class Scaling(BenchArguments arguments, BenchServer server)
{
    /// <summary>The first argument of such a process.</summary>
    public const string ChildMark = "stage-once";

    public async Task<IReadOnlyList<ScalePoint>> RunAsync(CancellationToken ct)
    {
        int[] sizes = [arguments.Events, checked(arguments.Events * arguments.Scale)];
        foreach (var size in sizes)
        {
            await BenchData.EventsAsync(arguments.Directory, size, ct);
        }

        var runs = sizes.ToDictionary(s => s, _ => new List<ScalePoint>());
        for (var run = 0; run < arguments.Runs; run++)
        {
            foreach (var size in sizes)
            {
                await server.EmptyAsync(StarSchema.StagingEvents, ct);
                var point = await ChildAsync(size, ct);
                runs[size].Add(point);
                await Console.Error.WriteLineAsync($"  {size:N0} events: {point.Seconds:F2} s, {point.PeakMegabytes:F0} MiB at most, {point.AllocatedMegabytes:F0} MiB allocated in all");
            }
        }

        return [.. sizes.Select(s => new ScalePoint(
            s, Measurement.Median(runs[s].Select(p => p.Seconds)), Measurement.Median(runs[s].Select(p => p.PeakMegabytes)),
            Measurement.Median(runs[s].Select(p => p.AllocatedMegabytes))))];
    }

    /// <summary>What such a process does: stages once and says how long it took and how much memory it ever had.</summary>
    public static async Task ChildAsync(IReadOnlyList<string> args, CancellationToken ct)
    {
        var (directory, connection, size) = (args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture));
        await using var server = await BenchServer.StartAsync(
            BenchArguments.Parse(["--directory", directory, "--connection", connection]), ct);
        var data = await BenchData.EventsAsync(directory, size, ct);
        Contenders contenders = new(server);
        var started = Stopwatch.GetTimestamp();
        var rows = await contenders.StageAsync(data, new LoadOptions(), ct);
        ScalePoint point = new(rows, Stopwatch.GetElapsedTime(started).TotalSeconds, Peak(), GC.GetTotalAllocatedBytes() / 1048576.0);
        Console.WriteLine(JsonSerializer.Serialize(point));
    }

    private async Task<ScalePoint> ChildAsync(int size, CancellationToken ct)
    {
        ProcessStartInfo start = new(
            Environment.ProcessPath!,
            [.. Entry(), ChildMark, arguments.Directory, server.Connection, size.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var child = Process.Start(start)!;
        var output = await child.StandardOutput.ReadToEndAsync(ct);
        await child.WaitForExitAsync(ct);
        return JsonSerializer.Deserialize<ScalePoint>(output)!;
    }

    /// <summary>The program's own file when it was started through <c>dotnet</c>.</summary>
    private static string[] Entry() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Scaling).Assembly.Location] : [];

    /// <summary>The most memory this process ever had in RAM.</summary>
    public static double Peak()
    {
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }
}
