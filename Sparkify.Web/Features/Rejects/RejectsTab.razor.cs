using Microsoft.AspNetCore.Components;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Live;

namespace Sparkify.Web.Features.Rejects;

/// <summary>The records a load could not stage: where each is, why, and as it stands in the file.</summary>
public sealed partial class RejectsTab
{
    private readonly LatestRequest _newest = new();
    private Page<Reject>? _page;
    private (string, RejectsQuery, long?)? _read;

    /// <summary>Where rejects are.</summary>
    [Inject]
    public required ILoadRecords Records { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The warehouse.</summary>
    [Parameter, EditorRequired]
    public required Warehouse Warehouse { get; set; }

    /// <summary>Which rejects to show.</summary>
    [Parameter, EditorRequired]
    public required RejectsQuery Query { get; set; }

    /// <summary>The loads to choose from.</summary>
    [Parameter, EditorRequired]
    public required IReadOnlyList<RunView> Loads { get; set; }

    private string Nothing => (Query.Part, Query.Run) switch
    {
        (not null, _) => "No record of this part was rejected.",
        (null, null) when Loads.Count == 0 =>
            "Nothing has been loaded yet. Bad records will be listed here with their file, line and reason.",
        (null, { } run) when Loads.All(l => l.Id != run) => $"Run {run} is no load of this warehouse.",
        _ => "No record of this load was rejected.",
    };

    // What became of the other records depends on how the load ended.
    private string Rest => (Query.Run is { } run ? Loads.FirstOrDefault(l => l.Id == run) : Loads.Count > 0 ? Loads[0] : null) switch
    {
        { Kind: RunKind.Check } => ". It was a check of the files: nothing was loaded.",
        { State: RunState.Succeeded } => ". The rest was loaded.",
        { State: RunState.NeedsDecision } => ". The rest is ready, but not published: it needs a decision.",
        { State: RunState.Discarded } => ". The rest was discarded.",
        { State: RunState.Failed or RunState.Cancelled } => ". The load did not come to its end, so nothing of it was published.",
        _ => ".",
    };

    private long? OneRun => _page?.Items is { Count: > 0 } items && items.All(r => r.Run == items[0].Run) ? items[0].Run : null;

    // Rejects are counted while a load runs: more of them is a reason to look again.
    private long? Met => Loads.FirstOrDefault(r => Query.Run is null || r.Id == Query.Run)?.Rejects;

    /// <inheritdoc/>
    protected override void OnInitialized() => Own(_newest);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        var now = (Warehouse.Name, Query, Met);
        if (_read == now)
        {
            return;
        }

        _read = now;
        try
        {
            var token = _newest.Next(Life);
            _page = await Records.RejectsAsync(Warehouse.Name, Query.ToFilter(), token);
        }
        catch (OperationCanceledException)
        {
            // A newer question is on its way, or the person left.
        }
    }

    private void Go(RejectsQuery query) => Nav.NavigateTo(query.ToUrl(Warehouse.Name));

    private static RenderFragment RunLink(long run) => builder =>
    {
        builder.AddContent(0, " by ");
        builder.OpenElement(1, "a");
        builder.AddAttribute(2, "href", $"/runs/{run}");
        builder.AddContent(3, $"run {run}");
        builder.CloseElement();
    };
}
