using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports;
using Sparkify.Web.Features.Reports.Charts;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Home;

/// <summary>The figures of one warehouse, read once for every star that is published.</summary>
public sealed partial class HomeBoard
{
    private const string Top = "9";
    private IReadOnlyList<TableInfo> _tables = [];
    private IReadOnlyList<HomeFigure> _kpis = [];
    private HomeAnswers? _answers;
    private ChartModel? _days;
    private ChartModel? _songs;
    private ChartModel? _hours;
    private ChartModel? _artists;
    private readonly LatestRequest _newest = new();
    private DaysChosen? _asked;
    private string? _problem;

    /// <summary>Answers reports.</summary>
    [Inject]
    public required IReports Reports { get; init; }

    /// <summary>Where tables are.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    /// <summary>The last loads, oldest first.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RunView> Loads { get; set; }

    /// <summary>Which days the figures are about.</summary>
    [Parameter, EditorRequired]
    public required DaysChosen Chosen { get; set; }

    /// <summary>Told what the figures stand on, and which days there are.</summary>
    [Parameter]
    public EventCallback<(ReportTrust? Trust, PlayDays? Days)> OnRead { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized() => Own(_newest);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        if (_asked != Chosen)
        {
            await ReadNowAsync();
        }

        // Loads come and go without a star being published.
        _kpis = _answers is null ? [] : HomeFigure.Of(Warehouse, _answers, Loads, Tables.Facts);
    }

    /// <inheritdoc/>
    protected override async Task ReadAsync(CancellationToken ct)
    {
        _asked = Chosen;
        ct = _newest.Next(ct);
        try
        {
            _tables = await LatestRequest.TakeAsync(Tables.ListAsync(Warehouse.Name, ct), ct);
            var trust = await LatestRequest.TakeAsync(Reports.TrustAsync(Warehouse.Name, ct), ct);
            var days = await LatestRequest.TakeAsync(Reports.DaysAsync(Warehouse.Name, ct), ct);
            await OnRead.InvokeAsync((trust, days));
            var plays = await AskAsync("free-and-paid");
            (_days, _problem) = (plays.Chart, null);
            StateHasChanged();
            _songs = (await AskAsync("top-songs", Top)).Chart;
            StateHasChanged();
            _hours = (await AskAsync("plays-by-hour")).Chart;
            _artists = (await AskAsync("top-artists", Top)).Chart;
            _answers = new HomeAnswers(
                Chosen == DaysChosen.All ? trust?.Plays : null, trust?.Rejected ?? 0, plays.Result, (await AskAsync("active-users")).Result,
                (await AskAsync("match-rate")).Result);

            async Task<(ReportResult Result, ChartModel? Chart)> AskAsync(string report, string? top = null)
            {
                var question = Question(report).With("top", top).Of(days);
                var drawing = await LatestRequest.TakeAsync(ReportDrawing.ReadAsync(Reports, Warehouse.Name, question, ct), ct);
                return (drawing.Result, drawing.Chart(question));
            }
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
    }

    private ReportQuery Question(string report) =>
        new ReportQuery(report, Warehouse.Name, new Dictionary<string, string?>(), null, 1).About(Chosen);

    private string Report(string id) => Question(id).ToUrl();
}
