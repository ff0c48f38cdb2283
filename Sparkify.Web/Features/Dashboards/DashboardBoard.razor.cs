using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Reports.Dashboards;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports;
using Sparkify.Web.Features.Reports.Charts;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Dashboards;

/// <summary>
/// The reports of a dashboard. They are asked one after the other: a page takes no more of the warehouse than a person does.
/// </summary>
public sealed partial class DashboardBoard
{
    private readonly LatestRequest _newest = new();
    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);
    private string? _asked;
    private string? _problem;

    /// <summary>Answers reports.</summary>
    [Inject]
    public required IReports Reports { get; init; }

    /// <summary>Keeps dashboards.</summary>
    [Inject]
    public required IDashboards Dashboards { get; init; }

    /// <summary>Who arranges.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Offers the way back.</summary>
    [Inject]
    public required ISnackbar Snackbar { get; init; }

    /// <summary>The dashboard.</summary>
    [Parameter, EditorRequired]
    public required Dashboard Dashboard { get; set; }

    /// <summary>Its filters.</summary>
    [Parameter, EditorRequired]
    public required DashboardQuery Query { get; set; }

    /// <summary>Where its reports are asked; published.</summary>
    [Parameter, EditorRequired]
    public required Warehouse Warehouse { get; set; }

    /// <summary>The days there are; none when there are no plays.</summary>
    [Parameter, EditorRequired]
    public required PlayDays? Days { get; set; }

    /// <summary>Whether the tiles can be moved.</summary>
    [Parameter]
    public bool Arranging { get; set; }

    /// <summary>Told the dashboard as it stands after a change.</summary>
    [Parameter, EditorRequired]
    public required EventCallback<Dashboard> OnChange { get; set; }

    /// <inheritdoc/>
    protected override void OnInitialized() => Own(_newest);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var questions = Dashboard.Tiles.Where(t => Info(t) is not null)
            .Select(t => (t.Key, Question: Query.Ask(Info(t)!, t, Warehouse.Name))).ToList();
        // The page around it renders often while a run is live: only another question may end one that is under way.
        var all = string.Join('\n', questions.Select(static q => q.Question.ToUrl()).Append($"{Warehouse.PublishedRun} {Days}"));
        if (all == _asked)
        {
            return;
        }

        _asked = all;
        var ct = _newest.Next(Life);
        try
        {
            foreach (var (key, question) in questions.Where(q => !Answered(q.Key, q.Question)))
            {
                _answers[key] = await AskAsync(question, ct);
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // Other filters were chosen meanwhile, or the page was left.
        }
    }

    private bool Answered(string key, ReportQuery question) => _answers.GetValueOrDefault(key) is { } known
        && known.Run == Warehouse.PublishedRun && known.Days == Days && known.Question.ToUrl() == question.ToUrl();

    private async Task<Answer> AskAsync(ReportQuery question, CancellationToken ct)
    {
        try
        {
            var drawing = await LatestRequest.TakeAsync(
                ReportDrawing.ReadAsync(Reports, Warehouse.Name, question.Of(Days), ct), ct);
            return new Answer(question, Warehouse.PublishedRun, Days, drawing, drawing.Chart(question.Of(Days)), null);
        }
        catch (SparkifyException ex)
        {
            return new Answer(question, Warehouse.PublishedRun, Days, null, null, ex.Message);
        }
    }

    private ReportInfo? Info(DashboardTile tile) => Reports.Catalogue.FirstOrDefault(r => r.Id == tile.Report);

    // What the tile keeps for itself, and which of the filters above it does not follow.
    private string? Note(DashboardTile tile, ReportResult result)
    {
        var own = ReportFormat.Given(result, tile.Parameters).ToList();
        if (Query.Days != DaysChosen.All && !result.Report.TakesDays)
        {
            own.Add("all days");
        }

        if (Query.Level is not null && DashboardQuery.LevelOf(result.Report) is null)
        {
            own.Add("all levels");
        }

        return own.Count == 0 ? null : string.Join(", ", own);
    }

    private List<DashboardTile> Moved(int from, int to)
    {
        List<DashboardTile> tiles = [.. Dashboard.Tiles];
        (tiles[from], tiles[to]) = (tiles[to], tiles[from]);
        return tiles;
    }

    private async Task TakeOffAsync(DashboardTile tile, int at, string name)
    {
        if (!await ArrangeAsync([.. Dashboard.Tiles.Where(t => t != tile)]))
        {
            return;
        }

        Snackbar.Add($"“{name}” is off {Dashboard.Name}.", Severity.Normal, snack =>
        {
            snack.Action = "Undo";
            snack.OnClick = _ => InvokeAsync(async () =>
            {
                if (!Life.IsCancellationRequested)
                {
                    await ArrangeAsync([.. Dashboard.Tiles.Take(at), tile, .. Dashboard.Tiles.Skip(at)]);
                }
            });
        });
    }

    private async Task<bool> ArrangeAsync(IReadOnlyList<DashboardTile> tiles)
    {
        try
        {
            await OnChange.InvokeAsync(await Dashboards.ArrangeAsync(Dashboard.Id, Dashboard.Version, tiles, Who.Actor, Life));
            _problem = null;
            return true;
        }
        catch (SparkifyException ex)
        {
            _problem = ex.Message;
            return false;
        }
    }

    private sealed record Answer(
        ReportQuery Question, long? Run, PlayDays? Days, ReportDrawing? Drawing, ChartModel? Chart, string? Problem);
}
