using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports.Charts;
using Sparkify.Web.Shared;

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

    /// <summary>Told what the figures stand on.</summary>
    [Parameter]
    public EventCallback<ReportTrust?> OnTrust { get; set; }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        await base.OnParametersSetAsync();
        // Loads come and go without a star being published.
        _kpis = _answers is null ? [] : HomeFigure.Of(Warehouse, _answers, Loads, Tables.Facts);
    }

    /// <inheritdoc/>
    protected override async Task ReadAsync(CancellationToken ct)
    {
        try
        {
            _tables = await Tables.ListAsync(Warehouse.Name, ct);
            var trust = await Reports.TrustAsync(Warehouse.Name, ct);
            await OnTrust.InvokeAsync(trust);
            var plays = await AskAsync("free-and-paid", ct);
            (_days, _problem) = (Draw(plays), null);
            StateHasChanged();
            _songs = Draw(await AskAsync("top-songs", ct, ("top", Top)));
            StateHasChanged();
            _hours = Draw(await AskAsync("plays-by-hour", ct));
            _artists = Draw(await AskAsync("top-artists", ct, ("top", Top)));
            _answers = new HomeAnswers(trust, plays, await AskAsync("active-users", ct), await AskAsync("match-rate", ct));
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
        }
    }

    private Task<ReportResult> AskAsync(string report, CancellationToken ct, params (string Name, string? Value)[] parameters) =>
        Reports.RunAsync(
        Warehouse.Name, report, parameters.ToDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal), ct);

    private ChartModel? Draw(ReportResult result) => result.Rows.Count == 0 ? null : ChartModel.Of(result, row => Url.With(
        $"/reports/{result.Report.Id}", [("warehouse", Warehouse.Name), ("rows", "1"), .. result.Mark(row).Select(static m => ($"mark.{m.Key}", m.Value))]));

    private string Report(string id) => Url.With($"/reports/{id}", ("warehouse", Warehouse.Name));
}
