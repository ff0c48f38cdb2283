using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

/// <summary>Whatever is asked, events that two files hold alike are counted once.</summary>
public sealed class RepeatedEventsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reports_OverAFileThatIsThereTwice_CountEveryEventOnce()
    {
        string[] events =
        [
            .. Enumerable.Range(0, 5).Select(static item => Source.Event(item: item, ts: 1541105830796 + item)),
            Source.Event("Submit Upgrade", item: 5, song: null, artist: null, length: null), Source.Event("Home", user: "", item: 6),
        ];
        var source = Source.Write(_folder, events, [Source.Song()]);
        _folder.Write("log_data/2018/11/again.json", string.Join('\n', events));
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(source);
        await warehouse.LoadAsync();
        var reports = warehouse.App.Services.GetRequiredService<IReports>();

        Assert.Equal(["NextSong|5", "Home|1", "Submit Upgrade|1"], await RowsAsync("events-by-page"));
        Assert.Equal(["2018-11-01|1|0"], await RowsAsync("level-changes"));
        Assert.Equal(5, await BehindAsync("events-by-page", "page", "NextSong"));
        Assert.Equal(1, await BehindAsync("level-changes", "period", "2018-11-01"));

        // Those that count rows say so.
        Assert.Contains("staging_events|14", await RowsAsync("rows-per-table"));
        Assert.Equal([14L, 5L], (await RunAsync("first-and-last")).Rows.Select(static r => (long)r[1]!));
        Assert.All(
            (string[])["rows-per-table", "first-and-last"],
            id => Assert.Contains("counts each time", reports.Get(id).Excludes, StringComparison.Ordinal));

        Task<ReportResult> RunAsync(string report) => reports.RunAsync(warehouse.Name, report, new Dictionary<string, string?>(), default);

        async Task<List<string>> RowsAsync(string report) => [.. (await RunAsync(report)).Rows.Select(
            static r => string.Join('|', r.Select(static v => v is DateTime at ? $"{at:yyyy-MM-dd}" : $"{v}")))];

        async Task<long> BehindAsync(string report, string column, string value) => (await reports.DrillAsync(
            warehouse.Name, report, new Dictionary<string, string?>(), new Dictionary<string, string?> { [column] = value }, 1, 50,
            Actor.System, default)).Rows.Total;
    }

    [Fact]
    public async Task Csv_OfReportRowsAndQueries_GivesOneValueOneShape()
    {
        var source = Source.Write(
            _folder,
            [
                Source.Event(ts: 1541030400000, artist: "-M- Zed", location: ""), Source.Event(item: 1, ts: 1541030401000, location: null),
                Source.Event(item: 2, ts: 1541066401796, artist: "Café, \"Zed\"\nLive"),
            ],
            [Source.Song()]);
        await using var warehouse = await LoadedWarehouse.ProvisionAsync(source);
        await warehouse.LoadAsync();
        var reports = warehouse.App.Services.GetRequiredService<IReports>();
        var queries = warehouse.App.Services.GetRequiredService<Sparkify.Core.Reports.Queries.IQueries>();
        var none = new Dictionary<string, string?>();
        var mark = new Dictionary<string, string?> { ["period"] = "2018-11-01" };

        var rows = await LoadedReports.TextAsync(
            reports.OpenCsvAsync(warehouse.Name, "plays-over-time", none, mark, LoadedReports.Ann, default), CsvForm.Raw);
        var query = await LoadedReports.TextAsync(
            queries.OpenCsvAsync(
                warehouse.Name, "select start_time, artist_name from songplays order by 1 desc", LoadedReports.Ann, default), CsvForm.Raw);

        foreach (var text in new[] { rows, query })
        {
            Assert.Contains("\n2018-11-01 10:00:01.796,", text, StringComparison.Ordinal);
            Assert.Contains("\n2018-11-01 00:00:01.000,", text, StringComparison.Ordinal);
            Assert.Contains("\n2018-11-01 00:00:00.000,", text, StringComparison.Ordinal);
            Assert.Contains(",-M- Zed", text, StringComparison.Ordinal);
            Assert.Contains(",\"Café, \"\"Zed\"\"\nLive\"", text, StringComparison.Ordinal);
        }

        Assert.Equal(
            "period,plays,seconds\r\n2018-11-01 00:00:00.000,3,601.5\r\n",
            await LoadedReports.TextAsync(
                reports.OpenCsvAsync(warehouse.Name, "plays-over-time", none, null, LoadedReports.Ann, default), CsvForm.Raw));
    }
}
