using System.Diagnostics;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using MudBlazor;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Wizard;

/// <summary>The steps of making a warehouse.</summary>
public enum WizardStep
{
    /// <summary>Where it will live.</summary>
    Target,

    /// <summary>Where its raw data is.</summary>
    Source,

    /// <summary>What its cluster will be like; for warehouses on Redshift.</summary>
    Cluster,

    /// <summary>Its name, and what will be created.</summary>
    Plan,
}

/// <summary>Makes a warehouse: target, source, plan; then provisions it and shows the run.</summary>
public sealed partial class NewWarehousePage
{
    private WarehouseDraft _draft = new();
    private ElementReference _section;
    private WizardStep _step;
    private bool _moved;
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

    private bool Ready => _draft.NameProblem(_taken) is null && _draft.LimitProblem is null && _draft.SchemaProblem is null;

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        _taken = (await Warehouses.ListAsync(Life)).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        Begin();
        if (await Drafts.ReadAsync(Life) is { Step: > WizardStep.Target } saved && Steps(saved.Draft).Contains(saved.Step))
        {
            (_draft, _step, _restored) = (saved.Draft, saved.Step, true);
        }

        _keeping = true;
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_moved)
        {
            // The button that had the focus may be gone: the next step is read and tabbed through from its top.
            _moved = false;
            await _section.FocusAsync(preventScroll: true);
        }

        if (_keeping)
        {
            await Drafts.KeepAsync(new SavedDraft(_step, _draft), Life);
        }
    }

    private static List<WizardStep> Steps(WarehouseDraft draft) =>
        [.. Enum.GetValues<WizardStep>().Where(s => s != WizardStep.Cluster || draft.OnRedshift)];

    private static string Title(WizardStep step) => step switch
    {
        WizardStep.Target => "Target",
        WizardStep.Source => "Source",
        WizardStep.Cluster => "Cluster and guard rails",
        WizardStep.Plan => "Name and plan",
        _ => throw new UnreachableException($"No title for {step}."),
    };

    private void Changed()
    {
        // What was found is true of what was tested only.
        _report = null;
        _tested = null;
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
        var steps = Steps(_draft);
        return steps[Math.Clamp(steps.IndexOf(_step) + places, 0, steps.Count - 1)];
    }

    private void Begin()
    {
        _draft = new WarehouseDraft { MaxRejects = Defaults.Value.MaxRejects };
        _draft.SuggestName(_taken);
        (_step, _restored, _tried) = (WizardStep.Target, false, false);
        (_report, _tested) = (null, null);
    }

    private void Go(WizardStep step)
    {
        _step = step;
        _moved = true;
        StateHasChanged();
    }

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
