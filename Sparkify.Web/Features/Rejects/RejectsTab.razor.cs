using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Rejects;

/// <summary>The records a load could not stage, by reason: what to do about it, where each is, and as it stands in the file.</summary>
public sealed partial class RejectsTab
{
    private readonly LatestRequest _newest = new();
    private IReadOnlyList<RejectReason>? _reasons;
    private RejectReason? _reason;
    private Page<Reject>? _page;
    private Reject? _near;
    private string? _problem;
    private (string, RejectsQuery, long?)? _read;

    /// <summary>Where rejects are.</summary>
    [Inject]
    public required ILoadRecords Records { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>Times as the person reads them.</summary>
    [Inject]
    public required BrowserClock Browser { get; init; }

    /// <summary>The warehouse.</summary>
    [Parameter, EditorRequired]
    public required Warehouse Warehouse { get; set; }

    /// <summary>Which rejects to show.</summary>
    [Parameter, EditorRequired]
    public required RejectsQuery Query { get; set; }

    /// <summary>The loads to choose from, newest first.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RunView> Loads { get; set; }

    // The load that is shown, unless it is older than those that are known.
    private RunView? Load => Query.Run is { } run ? Loads.FirstOrDefault(l => l.Id == run) : Loads.Count > 0 ? Loads[0] : null;

    private string Nothing => (Query.Part, Query.Run) switch
    {
        (not null, _) => "No record of this part was rejected.",
        (null, null) when Warehouse.State == WarehouseState.Removed => "The warehouse was torn down.",
        (null, null) when Loads.Count == 0 =>
            "Nothing has been loaded yet. Bad records will be listed here with their file, line and reason.",
        _ => "No record of this load was rejected.",
    };

    // What became of the other records depends on how the load ended.
    private string Rest => Load switch
    {
        { Kind: RunKind.Check } => " It was a check of the files: nothing was loaded.",
        { State: RunState.Succeeded } => " The rest was loaded.",
        { State: RunState.NeedsDecision } => " The rest is ready, but not published: it needs a decision.",
        { State: RunState.Discarded } => " The rest was discarded.",
        { State: RunState.Failed or RunState.Cancelled } => " The load did not come to its end, so nothing of it was published.",
        _ => "",
    };

    /// <inheritdoc/>
    protected override void OnInitialized() => Own(_newest);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        // Rejects are counted while a load runs: more of them is a reason to look again.
        var now = (Warehouse.Name, Query, Load?.Rejects);
        if (_read == now)
        {
            return;
        }

        _read = now;
        try
        {
            var token = _newest.Next(Life);
            var reasons = await LatestRequest.TakeAsync(Records.ReasonsAsync(Warehouse.Name, Query.Run, Query.Part, token), token);
            var reason = Query.Reason is { } asked ? reasons.FirstOrDefault(r => r.Reason == asked)
                : reasons is [{ } most, ..] ? most : null;
            var page = reason is null ? null
                : await LatestRequest.TakeAsync(Records.RejectsAsync(Warehouse.Name, Query.ToFilter(reason.Reason), token), token);
            (_reasons, _reason, _page, _problem) = (reasons, reason, page, null);
            _near = page?.Items.FirstOrDefault(r => r == _near) ?? (page?.Items is [{ } first, ..] ? first : null);
        }
        catch (SparkifyException ex)
        {
            (_reasons, _problem) = (null, ex.Message);
        }
        catch (OperationCanceledException)
        {
            // A newer question is on its way, or the person left.
        }
    }

    private string Words(IReadOnlyList<RejectReason> reasons)
    {
        var rejects = reasons.Sum(static r => r.Records);
        var staged = Load?.Steps.Where(static s => s is { Rows: not null, Bytes: not null }).Sum(static s => s.Rows) ?? 0;
        return Query.Part is null && staged > 0
            ? $"{Format.Count(rejects)} of {Format.Count(staged + rejects, "record")} ({Part(rejects, staged + rejects)})"
            : Format.Count(rejects, "record");
    }

    private static string Part(long part, long whole) => part * 1000 < whole
        ? "less than 0.1 %"
        : $"{(100d * part / whole).ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)} %";

    private string Name(long? run) => run is null ? "The latest"
        : $"#{run}{(Loads.FirstOrDefault(l => l.Id == run) is { } load ? $", {StatusBadges.For(load).Text.ToLowerInvariant()}" : null)}";

    private void Go(RejectsQuery query) => Nav.NavigateTo(query.ToUrl(Warehouse.Name));

    private RenderFragment RunLink(RunView run) => builder =>
    {
        builder.AddContent(0, " by ");
        builder.OpenElement(1, "a");
        builder.AddAttribute(2, "href", $"/runs/{run.Id}");
        builder.AddContent(3, $"{Format.Noun(run.Kind)} #{run.Id}");
        builder.CloseElement();
        if (run.FinishedAt is { } end)
        {
            builder.AddContent(4, $", {Browser.Short(end)}");
        }
    };
}
