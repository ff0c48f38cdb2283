using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Wizard;

/// <summary>Makes a warehouse: target, source, plan; then provisions it and shows the run.</summary>
public sealed partial class NewWarehousePage
{
    private WarehouseDraft _draft = new();
    private ElementReference _top;
    private WizardStep _step;
    private WizardStep _reached = WizardStep.Source;
    private string? _address;
    private bool _moved;
    private bool _begun;
    private bool _keeping;
    private bool _restored;
    private SourceReport? _report;
    private SourceSpec? _tested;
    private bool _tried;
    private IReadOnlySet<string> _taken = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Tests the source.</summary>
    [Inject]
    public required ISources Sources { get; init; }

    /// <summary>Starts the provisioning.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>The simulator, where it runs.</summary>
    [Inject]
    public required ISimulatedAws Simulator { get; init; }

    /// <summary>Who acts.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>Says what happened on the page before.</summary>
    [Inject]
    public required ISnackbar Snackbars { get; init; }

    /// <summary>The defaults.</summary>
    [Inject]
    public required IOptions<SparkifyOptions> Defaults { get; init; }

    /// <summary>Keeps the draft over a refresh.</summary>
    [Inject]
    public required DraftStorage Drafts { get; init; }

    /// <summary>The step the address names; without one the wizard opens where it was left.</summary>
    [SupplyParameterFromQuery(Name = "step")]
    public string? At { get; set; }

    /// <summary>
    /// The target the address names (<c>local</c>, <c>redshift</c> or <c>simulator</c>), for a wizard that is begun anew.
    /// </summary>
    [SupplyParameterFromQuery]
    public string? Target { get; set; }

    private bool Ready => _draft.NameProblem(_taken) is null && _draft.LimitProblem is null && _draft.SchemaProblem is null;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _taken = (await Warehouses.ListAsync(Life)).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        Begin();
        if (await Drafts.ReadAsync(Life) is { } saved && (saved.Step > WizardStep.Target || At is not null)
            && WizardSteps.Of(saved.Draft).Contains(saved.Step))
        {
            (_draft, _restored) = (saved.Draft, true);
            Reach(saved.Step);
            if (At is null)
            {
                _step = saved.Step;
                Nav.NavigateTo(WizardSteps.Href(_step), replace: true);
            }
        }

        if (!_restored && Target == "simulator" && Simulator.Access is not null)
        {
            _draft.Choose(WarehouseTarget.Redshift, simulated: true);
        }
        else if (!_restored && Url.Enum<WarehouseTarget>(Target) is { } target)
        {
            _draft.Choose(target, simulated: false);
        }

        (_begun, _keeping) = (true, true);
    }

    /// <inheritdoc/>
    protected override void OnParametersSet()
    {
        if (At == _address)
        {
            return;
        }

        _address = At;
        var asked = WizardSteps.Of(_draft).FirstOrDefault(s => Format.Slug(s) == At);
        var step = asked > _reached ? _reached : asked;
        _moved = step != _step;
        _step = step;
        if (At is not null && Format.Slug(step) != At)
        {
            Nav.NavigateTo(WizardSteps.Href(step), replace: true);
        }
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_moved && _top.Context is not null)
        {
            // The button that had the focus may be gone: the next step is read and tabbed through from its top.
            _moved = false;
            await _top.FocusAsync();
        }

        if (_keeping)
        {
            await Drafts.KeepAsync(new SavedDraft(_step, _draft), Life);
        }
    }

    private void Changed()
    {
        // What was found is true of what was tested only.
        _report = null;
        _tested = null;
        _reached = WizardStep.Source;
        _draft.SuggestName(_taken);
        StateHasChanged();
    }

    private async Task NextAsync(CancellationToken ct)
    {
        if (_step == WizardStep.Source)
        {
            await TestAsync(ct);
            if (_report is not { Good: true })
            {
                return;
            }
        }

        if (_step == WizardStep.Cluster && _draft.Redshift.Problems() is { Count: > 0 } wrong)
        {
            throw SparkifyException.Invalid(string.Join(" ", wrong));
        }

        Go(Beside(1));
    }

    private WizardStep Beside(int places)
    {
        var steps = WizardSteps.Of(_draft).ToList();
        return steps[Math.Clamp(steps.IndexOf(_step) + places, 0, steps.Count - 1)];
    }

    private void Begin()
    {
        _draft = new WarehouseDraft { MaxRejects = Defaults.Value.MaxRejects };
        _draft.SuggestName(_taken);
        (_step, _reached, _restored, _tried) = (WizardStep.Target, WizardStep.Source, false, false);
        (_report, _tested) = (null, null);
    }

    private void StartOver()
    {
        Begin();
        Go(WizardStep.Target);
    }

    // The address decides which step is open, so that Back and Forward of the browser go through the steps, too.
    private void Go(WizardStep step)
    {
        Reach(step);
        Nav.NavigateTo(WizardSteps.Href(step));
    }

    // The first step has an answer from the start: the second can be gone to at any time.
    private void Reach(WizardStep step) => _reached = step > _reached ? step : _reached;

    private async Task TestAsync(CancellationToken ct)
    {
        _tried = true;
        StateHasChanged();
        if (_draft is not { EventsProblem: null, SongsProblem: null, SizeProblem: null }
            || (_tested == _draft.Source && _report is { Good: true }))
        {
            return;
        }

        var asked = _draft.Source;
        var report = await Sources.TestAsync(asked, ct);
        if (asked == _draft.Source)
        {
            (_tested, _report) = (asked, report);
        }

        StateHasChanged();
    }

    private async Task CreateAsync(CancellationToken ct)
    {
        var warehouse = await Warehouses.CreateAsync(_draft.Request, Who.Actor, ct);
        _keeping = false;
        await Drafts.DropAsync(ct);
        try
        {
            var run = await Runs.StartAsync(
                warehouse.Name, RunKind.Provision, Who.Actor, ct, then: _draft.LoadWhenReady ? RunKind.Load : null);
            Nav.NavigateTo(_draft.LoadWhenReady ? $"/runs/{run.Id}?follow=true" : $"/runs/{run.Id}");
        }
        catch (SparkifyException ex)
        {
            // It exists now; its own page has the button that tries again.
            Snackbars.Add(
                $"{warehouse.Name} is created, but not provisioned. {ex.Message}", Severity.Warning, o => o.VisibleStateDuration = 15_000);
            Nav.NavigateTo($"/warehouses/{warehouse.Name}");
        }
    }
}
