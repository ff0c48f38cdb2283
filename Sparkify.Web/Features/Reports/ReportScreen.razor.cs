using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Reports;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Features.Reports.Charts;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Reports;

/// <summary>
/// One report: parameters in the address, answer as chart and table. Asks again by itself when another star is published.
/// </summary>
public sealed partial class ReportScreen
{
    private readonly LatestRequest _newest = new();
    private IReadOnlyList<Warehouse>? _all;
    private ReportDrawing? _drawing;
    private ReportTrust? _trust;
    private PlayDays? _days;
    private ChartModel? _chart;
    private string? _problem;
    private string? _asked;
    private bool _busy;
    private bool _mayPass; // whether what is wrong may be over by itself: without an answer there is nothing else to ask again with

    /// <summary>Answers reports.</summary>
    [Inject]
    public required IReports Reports { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>The report.</summary>
    [Parameter, EditorRequired]
    public required ReportInfo Report { get; set; }

    /// <summary>Its parameters, as they stand in the address.</summary>
    [Parameter, EditorRequired]
    public required ReportQuery Query { get; set; }

    private ReportResult? Result => _drawing?.Result;

    private Warehouse? Chosen => _all is null ? null : WarehousePicker.Choose(_all, Query.Warehouse);

    private ReportQuery Now => Query with { Warehouse = Chosen?.Name ?? Query.Warehouse };

    // The same with the days that words such as "last 7 days" stand for.
    private ReportQuery Asked => Now.Of(_days);

    private string? Note => Result is { } result && Asked.Parameters is { Count: > 0 } given
        ? string.Join(", ", ReportFormat.Given(result, given))
        : null;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        Own(_newest);
        var changes = Own(Warehouses.Subscribe());
        _all = await Warehouses.ListAsync(Life);
        await AskAsync();
        Follow(changes, ChangedAsync);
    }

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (_all is not null)
        {
            await AskAsync();
        }
    }

    private async Task ChangedAsync(IReadOnlyList<string> names)
    {
        var before = Chosen;
        _all = await Warehouses.ListAsync(Life);
        if (Chosen is { } now && (names.Contains(now.Name, StringComparer.Ordinal) || now != before))
        {
            _asked = null;
            await AskAsync();
        }
    }

    private async Task AskAsync(bool fresh = false)
    {
        if (Chosen is not { State: WarehouseState.Available, PublishedAt: not null } warehouse)
        {
            (_drawing, _chart, _asked, _problem, _mayPass) = (null, null, null, null, false);
            return;
        }

        // Opening the rows of a mark changes the address, but not the question.
        var question = (Now with { Mark = null, Page = 1, Sort = null }).ToUrl();
        if (question == _asked && !fresh)
        {
            _chart = _drawing?.Chart(Asked);
            return;
        }

        _asked = question;
        _busy = true;
        var token = _newest.Next(Life);
        try
        {
            if (Report.TakesDays)
            {
                _days = await LatestRequest.TakeAsync(Reports.DaysAsync(warehouse.Name, token), token);
            }

            var drawing = await LatestRequest.TakeAsync(ReportDrawing.ReadAsync(Reports, warehouse.Name, Asked, token, fresh), token);
            _trust = await LatestRequest.TakeAsync(Reports.TrustAsync(warehouse.Name, token), token);
            (_drawing, _chart, _problem, _mayPass) = (drawing, drawing.Chart(Asked), null, false);
        }
        catch (SparkifyException ex)
        {
            (_drawing, _chart) = (null, null);
            (_problem, _mayPass) = (ex.Message, ex.Kind is ProblemKind.Unavailable or ProblemKind.Conflict);
        }
        catch (OperationCanceledException)
        {
            return; // a newer question is on its way, or the person left
        }

        _busy = false;
    }
}
