using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Bench;

/// <summary>Ten new files loaded into a warehouse that has the others, against a load of all of them.</summary>
/// <param name="Input">What was loaded.</param>
/// <param name="Events">How many events the ten files have.</param>
/// <param name="Full">The median of full loads.</param>
/// <param name="Incremental">The median of loads of what is new.</param>
/// <param name="Wanted">The share of a full load it should take at most.</param>
internal sealed record NewFilesResult(string Input, int Events, LoadTimes Full, LoadTimes Incremental, double Wanted)
{
    /// <summary>The share of a full load it takes.</summary>
    public double Share => Incremental.Seconds / Full.Seconds;

    public string ToTable() =>
        $"ten new files of {Events:N0} events, {Input} (medians)\n  full    {Full}\n  new     {Incremental}\n" +
        $"  {Share:F3} of a full load (wanted: {Wanted:F2}){(Share > Wanted ? "   misses" : "")}";
}

/// <summary>
/// Measures that: the first events of an input are held back, and put beside the others as ten files, night after night. Both ways must
/// give the same star.
/// </summary>
internal sealed class NewFiles(BenchArguments arguments, BenchServer server)
{
    private const int Files = 10;
    private const int Events = 2_000;

    private static readonly string Name = $"bench-new-files-{Environment.ProcessId}";

    public async Task<IReadOnlyList<NewFilesResult>> RunAsync(CancellationToken ct)
    {
        List<NewFilesResult> results = [];
        foreach (var input in await LoadInput.AllAsync(arguments, arguments.Events, ct))
        {
            await using var held = await Held.BackAsync(
                input.Folders.Events, Path.Combine(arguments.Directory, "held-back"), Events * (arguments.Runs + 1), ct);
            await using var app = await BenchApp.StartAsync(arguments, server, Name, input.Folders, ct);
            List<LoadTimes> full = [], incremental = [];
            for (var run = 0; run <= arguments.Runs; run++)
            {
                full.Add(await LoadAsync(app, LoadMode.Full, input, ct));
            }

            for (var run = 0; run <= arguments.Runs; run++)
            {
                await held.PutAsync(run, ct);
                incremental.Add(await LoadAsync(app, LoadMode.Incremental, input, ct));
            }

            await CompareAsync(app, input, ct);

            results.Add(new NewFilesResult(
                input.Name, Events, LoadTimes.Median(full[1..]), LoadTimes.Median(incremental[1..]),
                Wanted: arguments.Events >= 10_000_000 ? 0.1 : 0.25));
        }

        return results;
    }

    private static async Task<LoadTimes> LoadAsync(BenchApp app, LoadMode mode, LoadInput input, CancellationToken ct)
    {
        var times = LoadTimes.Of(await app.RunAsync(RunKind.Load, ct, mode));
        await Console.Error.WriteLineAsync($"  {input.Name}, {mode}: {times}");
        return times;
    }

    private static async Task CompareAsync(BenchApp app, LoadInput input, CancellationToken ct)
    {
        var added = await SumsAsync(app, ct);
        await LoadAsync(app, LoadMode.Full, input, ct);
        foreach (var (table, sum) in await SumsAsync(app, ct))
        {
            if (added[table] != sum)
            {
                throw new InvalidOperationException($"What was added to {table} gives {added[table]}; a full load gives {sum}.");
            }
        }
    }

    private static async Task<IReadOnlyDictionary<string, TableSum>> SumsAsync(BenchApp app, CancellationToken ct)
    {
        var warehouse = await app.Services.GetRequiredService<IWarehouses>().GetAsync(Name, ct);
        await using var db = await app.Services.GetRequiredService<IWarehouseDatabases>()
            .Open(warehouse, WarehouseRole.Loader).OpenConnectionAsync(ct);
        return await TableSum.OfStarAsync(db, warehouse.Schemas.Published, ct);
    }

    /// <summary>Files that are held back, and what is put in their place.</summary>
    private sealed class Held(string folder, string aside, IReadOnlyList<string> names, IReadOnlyList<string> lines) : IAsyncDisposable
    {
        private readonly List<string> _put = [];

        /// <summary>Moves the first files of a folder aside, as many as hold the events.</summary>
        public static async Task<Held> BackAsync(string folder, string aside, int events, CancellationToken ct)
        {
            Directory.CreateDirectory(aside);
            List<string> names = [], lines = [];
            foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            {
                names.Add(Path.GetRelativePath(folder, file));
                lines.AddRange((await File.ReadAllLinesAsync(file, ct)).Take(events - lines.Count));
                File.Move(file, Aside(aside, names.Count));
                if (lines.Count == events)
                {
                    break;
                }
            }

            return new Held(folder, aside, names, lines);
        }

        /// <summary>Puts the next events there as ten files.</summary>
        public async Task PutAsync(int night, CancellationToken ct)
        {
            foreach (var some in lines.Skip(night * Events).Take(Events).Chunk(Events / Files))
            {
                _put.Add(Path.Combine(folder, $"zz-new-{_put.Count:D4}.json"));
                await File.WriteAllLinesAsync(_put[^1], some, ct);
            }
        }

        public ValueTask DisposeAsync()
        {
            _put.ForEach(File.Delete);
            foreach (var (at, name) in names.Index())
            {
                File.Move(Aside(aside, at + 1), Path.Combine(folder, name));
            }

            return ValueTask.CompletedTask;
        }

        private static string Aside(string aside, int number) => Path.Combine(aside, $"{number}");
    }
}
