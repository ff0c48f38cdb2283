using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Queries;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

/// <summary>
/// A loaded warehouse with reports over it, for the tests of a class: made-up events with matches, visitors and changes of level.
/// </summary>
public sealed class LoadedReports : IAsyncLifetime
{
    private readonly TempFolder _folder = new();

    internal static Actor Ann { get; } = new("ann");

    /// <summary>Where its source lies: <c>log_data</c> and <c>song_data</c>.</summary>
    internal string Folder => _folder.Path;

    internal LoadedWarehouse Warehouse { get; private set; } = null!;

    internal string Name => Warehouse.Name;

    internal IReports Reports => Warehouse.App.Services.GetRequiredService<IReports>();

    internal IQueries Queries => Warehouse.App.Services.GetRequiredService<IQueries>();

    internal IQueryStore Book => Warehouse.App.Services.GetRequiredService<IQueryStore>();

    internal ReportReference Reference { get; private set; } = null!;

    internal Task<ReportResult> RunAsync(string report, params (string Name, string? Value)[] parameters) =>
        Reports.RunAsync(Name, report, parameters.ToDictionary(p => p.Name, p => p.Value), default);

    /// <summary>Runs a query to its end.</summary>
    internal async Task<(QueryView Last, IReadOnlyList<IReadOnlyList<string?>> Rows)> QueryAsync(string sql, int? maxRows = null)
    {
        await using var run = await Queries.StartAsync(Name, sql, Ann, default, maxRows);
        var last = await run.Completion.WaitAsync(TimeSpan.FromSeconds(60));
        return (last, run.Rows(0, last.Rows));
    }

    /// <summary>A CSV as text.</summary>
    internal static async Task<string> TextAsync(Task<ICsvSource> opening, CsvForm form)
    {
        await using var source = await opening;
        using var memory = new MemoryStream();
        await source.WriteAsync(memory, form, default);
        return System.Text.Encoding.UTF8.GetString(memory.ToArray());
    }

    public async Task InitializeAsync()
    {
        var source = Source.Write(_folder, Events(), Songs());
        Warehouse = await LoadedWarehouse.ProvisionAsync(source, arguments: ["--Sparkify:Queries:Timeout", "00:00:02"]);
        await Warehouse.LoadAsync();
        Reference = new ReportReference(Path.Combine(_folder.Path, "log_data"), Path.Combine(_folder.Path, "song_data"));
    }

    public async Task DisposeAsync()
    {
        await Warehouse.DisposeAsync();
        _folder.Dispose();
    }

    private static IEnumerable<string> Songs() =>
    [
        Source.Song("SO1", "Alpha", "AR1", "Ann A", 200.12344, 1999), Source.Song("SO2", "Beta", "AR2", "Bob B", 100, 0),
        Source.Song("SO3", "Gamma", "AR2", "Bob B", 90.5, 1999), Source.Song("SO4", "Delta", "AR3", "Cy C", 300, 2003), Source.Song(
            "SO0", "Alpha", "AR1", "Ann A", 200.12344, 2001),
    ];

    // Made by arithmetic, so that it is the same every time and everywhere.
    private static IEnumerable<string> Events()
    {
        (string? Title, string? Artist, double? Length)[] songs =
            [("Alpha", "Ann A", 200.12344), ("Beta", "Bob B", 100), ("Gamma", "Bob B", 90.50001),
            ("Omega", "Nobody", 61), (null, null, null), ("Omega", null, 61)];
        var at = 1541030400000; // 2018-11-01
        for (var number = 0; number < 600; number++)
        {
            at += 1_000_003L * (number % 7 == 0 ? 3 : 1);
            var user = number % 11 == 10 ? "" : $"{number * 7 % 5}";
            var song = songs[number * number % songs.Length];
            yield return Source.Event(
                number % 6 != 5 ? "NextSong" : number % 30 == 5 ? "Submit Upgrade" : number % 42 == 11 ? "Submit Downgrade" : "Home", user,
                at, session: number / 13, item: number, song.Title, song.Artist, song.Length,
                level: (number / 50 % 3) == 1
                    && user != "3" ? "paid" : "free", first: $"F{user}", last: "L", gender: user == "1" ? null : user == "2" ? "M" : "F",
                location: number % 9 == 0 ? null : $"Town {number % 4}");
        }
    }
}
