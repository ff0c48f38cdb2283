using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Bench;

/// <summary>How long one whole load took, and its steps.</summary>
internal sealed record LoadTimes(double Seconds, IReadOnlyDictionary<string, double> Steps)
{
    /// <summary>The median of several.</summary>
    public static LoadTimes Median(IReadOnlyList<LoadTimes> loads) => new(
        Measurement.Median(loads.Select(static l => l.Seconds)),
        loads[0].Steps.Keys.ToDictionary(static s => s, s => Measurement.Median(loads.Select(l => l.Steps[s]))));

    /// <summary>Those of a run that has ended.</summary>
    public static LoadTimes Of(RunView run) => new(
        (run.FinishedAt - run.StartedAt)!.Value.TotalSeconds,
        run.Steps.ToDictionary(static s => s.Name, static s => (s.FinishedAt - s.StartedAt)!.Value.TotalSeconds));

    public override string ToString() => $"{Seconds:F2} s ({string.Join(", ", Steps.Select(static s => $"{s.Key} {s.Value:F2}"))})";
}

/// <summary>Whole loads of one input.</summary>
/// <param name="Input">What was loaded.</param>
/// <param name="First">The first load, by code that is not compiled yet where it is the first of the process.</param>
/// <param name="Ours">The median of the others.</param>
/// <param name="DuckDb">The median of DuckDB's; none when it was not asked for.</param>
/// <param name="PeakMegabytes">The most memory this process ever had, DuckDB's included.</param>
internal sealed record WholeLoadResult(string Input, LoadTimes First, LoadTimes Ours, LoadTimes? DuckDb, double PeakMegabytes)
{
    /// <summary>How many times as long as ours DuckDB's takes.</summary>
    public double? Speed => DuckDb?.Seconds / Ours.Seconds;

    /// <summary>How many times as long as its staging the whole load takes.</summary>
    public double OverStaging =>
        Ours.Seconds / Ours.Steps.Where(static s => s.Key.StartsWith("stage-", StringComparison.Ordinal)).Sum(static s => s.Value);
}

/// <summary>
/// Loads a warehouse as the application does, job store, checks and publishing included, with the application's own services; and the same
/// files by DuckDB, in turn. Both stars must be the same, row for row.
/// </summary>
internal sealed class WholeLoad(BenchArguments arguments, BenchServer server)
{
    // Its own each time: what a measurement that failed left behind is in nobody's way.
    private static readonly string Name = $"bench-whole-load-{Environment.ProcessId}";

    public async Task<IReadOnlyList<WholeLoadResult>> RunAsync(CancellationToken ct)
    {
        List<WholeLoadResult> results = [];
        foreach (var input in await LoadInput.AllAsync(arguments, arguments.Events, ct))
        {
            results.Add(await RunAsync(input, ct));
        }

        return results;
    }

    private async Task<WholeLoadResult> RunAsync(LoadInput input, CancellationToken ct)
    {
        await using var app = await BenchApp.StartAsync(arguments, server, Name, input.Folders, ct);
        var duck = arguments.Wants("duckdb") ? new DuckDbLoad(arguments, input) : null;
        List<LoadTimes> ours = [], theirs = [];
        for (var run = 0; run <= arguments.Runs; run++)
        {
            ours.Add(LoadTimes.Of(await app.RunAsync(RunKind.Load, ct)));
            await Console.Error.WriteLineAsync($"  {input.Name}: {ours[^1]}");
            if (duck is not null)
            {
                theirs.Add(await duck.RunAsync(ct));
                await Console.Error.WriteLineAsync($"  {input.Name}, DuckDB: {theirs[^1]}");
            }
        }

        if (duck is not null)
        {
            await CompareAsync(app, duck, ct);
        }

        return new WholeLoadResult(
            input.Name, ours[0], LoadTimes.Median(ours[1..]), duck is null ? null : LoadTimes.Median(theirs[1..]), Scaling.Peak());
    }

    private static async Task CompareAsync(BenchApp app, DuckDbLoad duck, CancellationToken ct)
    {
        var warehouse = await app.Services.GetRequiredService<IWarehouses>().GetAsync(Name, ct);
        await using var db = await app.Services.GetRequiredService<IWarehouseDatabases>()
            .Open(warehouse, WarehouseRole.Loader).OpenConnectionAsync(ct);
        var ours = await TableSum.OfStarAsync(db, warehouse.Schemas.Published, ct);
        var theirs = await duck.SumsAsync(ct);
        foreach (var (table, sum) in ours)
        {
            if (theirs[table] != sum)
            {
                throw new InvalidOperationException($"DuckDB's {table} is not ours: {theirs[table]}, ours {sum}.");
            }
        }
    }
}
