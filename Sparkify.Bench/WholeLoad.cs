using Sparkify.Core.Runs;

namespace Sparkify.Bench;

/// <summary>How long whole loads took, and their staging alone.</summary>
internal sealed record WholeLoadResult(double Seconds, double StagingSeconds, IReadOnlyDictionary<string, double> Steps)
{
    public double Ratio => Seconds / StagingSeconds;
}

/// <summary>
/// Loads a warehouse as the application does, job store, checks and publishing included, with the application's own services.
/// </summary>
internal sealed class WholeLoad(BenchArguments arguments, BenchServer server)
{
    public async Task<WholeLoadResult> RunAsync(CancellationToken ct)
    {
        await using var app = await BenchApp.StartAsync(arguments, server, "bench-whole-load", arguments.Events, ct);
        List<RunView> loads = [];
        for (var run = 0; run <= arguments.Runs; run++)
        {
            loads.Add(await app.RunAsync(RunKind.Load, ct));
            await Console.Error.WriteLineAsync($"  whole load: {Seconds(loads[^1]):F2} s, staging {Staging(loads[^1]):F2} s");
        }

        // The first one compiles the code.
        loads.RemoveAt(0);
        return new WholeLoadResult(
            Measurement.Median(loads.Select(Seconds)), Measurement.Median(loads.Select(Staging)),
            loads[0].Steps.ToDictionary(
                s => s.Name, s => Measurement.Median(loads.Select(l => Seconds(l.Steps.Single(o => o.Name == s.Name))))));
    }

    private static double Staging(RunView run) => run.Steps.Where(s => s.Name.StartsWith("stage-", StringComparison.Ordinal)).Sum(Seconds);

    private static double Seconds(RunView run) => (run.FinishedAt - run.StartedAt)!.Value.TotalSeconds;

    private static double Seconds(StepView step) => (step.FinishedAt - step.StartedAt)!.Value.TotalSeconds;
}
