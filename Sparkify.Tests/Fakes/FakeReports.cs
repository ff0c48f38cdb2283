using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Fakes;

/// <summary>Reports that answer what a test says.</summary>
internal sealed class FakeReports : IReports
{
    private readonly List<ReportInfo> _catalogue = [];

    public ConcurrentQueue<(string Warehouse, string Id, IReadOnlyDictionary<string, string?> Parameters, bool Fresh)> Asked { get; } =
        new();

    public ConcurrentQueue<(IReadOnlyDictionary<string, string?> Mark, int Page)> Drilled { get; } = new();

    /// <summary>The rows of an answer; without it asking throws.</summary>
    public Func<string, IReadOnlyDictionary<string, string?>, IReadOnlyList<IReadOnlyList<object?>>>? OnRun { get; set; }

    /// <summary>What an answer waits for.</summary>
    public Task Until { get; set; } = Task.CompletedTask;

    /// <summary>How many files the load left out, and how many it lost.</summary>
    public long? FilesLeftOut { get; set; }

    /// <summary>What of it is too old.</summary>
    public IReadOnlyList<string> Stale { get; set; } = [];

    public PlayCounts Plays { get; set; } = new(1786, 1780, 273, 0, 1507, 0);

    public DataVersion Version { get; set; } = new(7, Sample.Noon);

    public IReadOnlyList<ReportInfo> Catalogue => _catalogue;

    public static ReportInfo TopSongs { get; } = new(
        "top-songs", ReportGroup.Listening, "Top songs", "Which songs are played most?", "Plays without a title.",
        [
            new ReportParameter("top", "Top", ReportParameterKind.Number, "How many.", "20", 1, 1000),
            new ReportParameter("level", "Level", ReportParameterKind.Choice, "Whose plays.", null, Choices: ["free", "paid"]),
        ],
        [new ReportColumn("title", "Title", ColumnFormat.Text), new ReportColumn("plays", "Plays", ColumnFormat.Count)],
        new ReportChart(ChartKind.Bars, "title", ["plays"]), ["title"]);

    public static ReportInfo PlaysOverTime { get; } = new(
        "plays-over-time", ReportGroup.Listening, "Plays over time", "How much is played?", "Plays without a time.",
        [new ReportParameter("per", "Per", ReportParameterKind.Choice, "What a point is.", "day", Choices: ["day", "week", "month", "year"])],
        [new ReportColumn("period", "From day", ColumnFormat.Day), new ReportColumn("plays", "Plays", ColumnFormat.Count)],
        new ReportChart(ChartKind.Lines, "period", ["plays"]), ["period"]);

    public void Have(params ReportInfo[] reports) => _catalogue.AddRange(reports);

    public ReportInfo Get(string id) => _catalogue.Single(r => r.Id == id);

    public async Task<ReportResult> RunAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, CancellationToken ct, bool fresh = false)
    {
        var run = OnRun ?? throw new InvalidOperationException($"Nobody told this fake what {id} answers.");
        Asked.Enqueue((warehouse, id, parameters, fresh));
        await Task.Yield();
        await Until.WaitAsync(ct);
        ct.ThrowIfCancellationRequested();
        return new ReportResult(
            Get(id), warehouse,
            [.. Get(id).Parameters.Select(p => new ReportArgument(p.Name, p.Label, parameters.GetValueOrDefault(p.Name) ?? p.Default))],
            run(id, parameters), false, "-- top: 20\nselect 1", TimeSpan.FromMilliseconds(12), Version, Sample.Noon, Cached: !fresh);
    }

    public Task<DrillPage> DrillAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?> mark, int page,
        int size, Actor actor, CancellationToken ct)
    {
        Drilled.Enqueue((mark, page));
        return Task.FromResult(new DrillPage(
            [new ReportColumn("start_time", "Time", ColumnFormat.Moment), new ReportColumn("user_id", "User", ColumnFormat.Text)],
            new Page<IReadOnlyList<object?>>([[Sample.Noon.UtcDateTime, "39"], [null, "<b>8</b>"]], 30, page, size)));
    }

    public Task<PlayDays?> DaysAsync(string warehouse, CancellationToken ct) =>
        Task.FromResult<PlayDays?>(new PlayDays(new DateOnly(2018, 11, 1), new DateOnly(2018, 11, 30)));

    public Task<ReportTrust?> TrustAsync(string warehouse, CancellationToken ct) =>
        Task.FromResult<ReportTrust?>(new ReportTrust(Version, Plays, 6, 14, 14)
        {
            FilesLeftOut = FilesLeftOut,
            Stale = Stale,
            LeftOutWords = "3 files with other endings (such as 'notes.txt')",
            LeftOutMayBeMissed = true,
            FilesFailed = FilesLeftOut,
        });

    public Task<ICsvSource> OpenCsvAsync(
        string warehouse, string id, IReadOnlyDictionary<string, string?> parameters, IReadOnlyDictionary<string, string?>? mark,
        Actor actor, CancellationToken ct) =>
        throw new InvalidOperationException("A page links to the API for CSV.");
}
