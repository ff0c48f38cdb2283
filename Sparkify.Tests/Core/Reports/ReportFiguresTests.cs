using Microsoft.Extensions.DependencyInjection;
using Sparkify.Core.Reports;
using Sparkify.Tests.Core.Pipeline;
using Sparkify.Tests.Support;

namespace Sparkify.Tests.Core.Reports;

/// <summary>Every report's figures against those computed from the files without the application.</summary>
public sealed class ReportFiguresTests(
    ReportFiguresTests.RealDays days, LoadedReports made) : IClassFixture<ReportFiguresTests.RealDays>, IClassFixture<LoadedReports>
{
    private static readonly Dictionary<string, string?>[] Given =
    [
        [],
        new() { ["level"] = "paid", ["top"] = "5" },
        new() { ["from"] = "2018-11-03", ["to"] = "2018-11-07", ["per"] = "week", ["top"] = "1000" },
        new() { ["from"] = "2018-11-02", ["level"] = "free", ["per"] = "day" },
        new() { ["per"] = "month", ["to"] = "2018-11-06" },
        new() { ["per"] = "year" },
        new() { ["from"] = "2030-01-01" },
    ];

    public static TheoryData<string> Ids => [.. ReportCatalog.All.Select(r => r.Info.Id)];

    [RealDataTheory]
    [MemberData(nameof(Ids))]
    public async Task Report_OnNineRealDays_GivesTheFiguresOfTheReference(string report)
    {
        await CompareAsync(report, days.Warehouse.App.Services.GetRequiredService<IReports>(), days.Warehouse.Name, days.Reference);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Report_OnMadeUpEvents_GivesTheFiguresOfTheReference(string report) =>
        await CompareAsync(report, made.Reports, made.Name, made.Reference);

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Drill_OfEveryMark_GivesAsManyRowsAsTheReportSays(string report)
    {
        var info = made.Reports.Get(report);
        if (info.DrillKeys.Count == 0)
        {
            return;
        }

        Dictionary<string, string?> parameters = [];
        foreach (var parameter in info.Parameters)
        {
            parameters[parameter.Name] =
                parameter.Name switch { "from" => "2018-11-02", "to" => "2018-11-06", "level" => "free", "per" => "week", _ => null };
        }

        var result = await made.Reports.RunAsync(made.Name, report, parameters, default);
        Assert.NotEmpty(result.Rows);
        string[] counted = report switch
        {
            "level-changes" => ["upgrades", "downgrades"],
            "free-and-paid" => ["free", "paid"],
            "events-by-page" => ["events"],
            _ => ["plays"],
        };
        var at = counted.Select(c => info.Columns.Select(i => i.Name).ToList().IndexOf(c)).ToList();
        foreach (var row in result.Rows)
        {
            var rows = await made.Reports.DrillAsync(made.Name, report, parameters, result.Mark(row), 1, 3, LoadedReports.Ann, default);
            Assert.Equal(at.Sum(i => (long)row[i]!), rows.Rows.Total);
            Assert.Equal(Math.Min(3, rows.Rows.Total), rows.Rows.Items.Count);
            Assert.All(rows.Rows.Items, r => Assert.Equal(rows.Columns.Count, r.Count));
        }
    }

    internal static async Task CompareAsync(string report, IReports reports, string warehouse, ReportReference reference)
    {
        var info = reports.Get(report);
        foreach (var given in Given)
        {
            var mine = given.Where(g => info.Parameters.Any(p => p.Name == g.Key)).ToDictionary(g => g.Key, g => g.Value);

            var result = await reports.RunAsync(warehouse, report, mine, default);

            Assert.Equal(reference.Rows(report, mine), result.Rows.Select(r => ReportReference.Row([.. r])));
            Assert.All(result.Rows, row => Assert.All(
                row.Zip(info.Columns), cell => Assert.True(Fits(cell.First, cell.Second.Format), $"{cell}")));
        }
    }

    private static bool Fits(object? value, ColumnFormat format) => value is null || format switch
    {
        ColumnFormat.Text => value is string,
        ColumnFormat.Count or ColumnFormat.Ordinal or ColumnFormat.Weekday => value is long,
        ColumnFormat.Day or ColumnFormat.Moment => value is DateTime { Kind: DateTimeKind.Utc },
        _ => value is double,
    };

    /// <summary>The nine real days, loaded; nothing where they do not lie beside the project.</summary>
    public sealed class RealDays : IAsyncLifetime
    {
        internal LoadedWarehouse Warehouse { get; private set; } = null!;

        internal ReportReference Reference { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            if (RealData.Folder is null)
            {
                return;
            }

            Warehouse = await LoadedWarehouse.ProvisionAsync(new { events = RealData.Events, songs = RealData.Songs });
            await Warehouse.LoadAsync();
            Reference = new ReportReference(RealData.Events, RealData.Songs);
        }

        public async Task DisposeAsync()
        {
            if (Warehouse is not null)
            {
                await Warehouse.DisposeAsync();
            }
        }
    }
}
