using Microsoft.AspNetCore.Components;
using MudBlazor;
using Sparkify.Core.Access;
using Sparkify.Core.Common;
using Sparkify.Core.Pipeline;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>One run, live: what each step did or does, and what to do about it.</summary>
public sealed partial class RunScreen
{
    /// <summary>How many runs before this one it is seen against.</summary>
    private const int Compared = 10;

    private readonly Dictionary<(string Step, int Attempt), StepAttempt> _attempts = [];
    private RunView? _run;
    private RunView? _successor;
    private Warehouse? _warehouse;
    private IReadOnlyList<CheckResult> _checks = [];
    private IReadOnlyList<RunView> _earlier = []; // that succeeded, of the same kind, newest first
    private IReadOnlyList<TableInfo> _star = [];
    private IReadOnlyList<TableChange> _tables = [];
    private RunSchedule? _before;
    private bool _missing;

    /// <summary>Where runs are shown and steered.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>Where check results are.</summary>
    [Inject]
    public required ILoadRecords Records { get; init; }

    /// <summary>Where warehouses are registered.</summary>
    [Inject]
    public required IWarehouses Warehouses { get; init; }

    /// <summary>Where tables are.</summary>
    [Inject]
    public required ITables Tables { get; init; }

    /// <summary>Who acts.</summary>
    [Inject]
    public required ICurrentActor Who { get; init; }

    /// <summary>Asks before it is too late.</summary>
    [Inject]
    public required IDialogService Dialogs { get; init; }

    /// <summary>Moves between addresses.</summary>
    [Inject]
    public required NavigationManager Nav { get; init; }

    /// <summary>The run's number.</summary>
    [Parameter, EditorRequired]
    public required long Id { get; set; }

    /// <summary>Whether to move on to the run that comes after this one, once this one has succeeded.</summary>
    [Parameter]
    public bool GoOn { get; set; }

    private IReadOnlyList<StepAttempt> Attempts => [.. _attempts.Values];

    private bool WaitsForCluster =>
        _warehouse is { CanPause: true } && _run is { Active: true, Kind: RunKind.Provision or RunKind.Resume };

    // Measured once for every time the page is shown, for the tab of the browser and for the page.
    private RunProgress? Progress => _run is { Active: true } run ? new RunProgress(run, _before, Clock.GetUtcNow()) : null;

    private string? StepsNote => _before is { } before
        ? $"{(_run!.Active ? "dashed: as in" : "thin line:")} {Format.Noun(_run.Kind)} #{before.Run.Id}, the one before"
        : null;

    private string RetryText =>
        _run!.Steps.FirstOrDefault(s => s.State != StepState.Succeeded) is { } step ? $"Retry from “{step.Title}”" : "Retry";

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        // Every run, not only this one: the one that follows it is news here too.
        var changes = Own(Runs.Subscribe());
        var warehouses = Own(Warehouses.Subscribe());
        if (await Runs.FindAsync(Id, Life) is not { } run)
        {
            _missing = true;
            return;
        }

        foreach (var attempt in await Runs.AttemptsAsync(Id, Life))
        {
            _attempts[(attempt.Step, attempt.Attempt)] = attempt;
        }

        Take(run);
        _warehouse = await Warehouses.FindAsync(run.Warehouse, Life);
        foreach (var later in await Runs.LatestAsync(Life))
        {
            Take(later);
        }

        // What is added is not to be held against a whole star, and nothing against nothing. Until it has looked, a load is taken for what
        // it is to be.
        var adds = run is { Active: true, Mode: LoadMode.Incremental } || run.Adds is not null;
        _earlier = [.. (await Runs.HistoryAsync(
            new RunFilter(run.Warehouse, run.Kind, RunState.Succeeded, Size: Compared) { Before = Id }, Life)).Items
            .Where(earlier => run.Adds is not { Files: 0 } && earlier.Adds is not { Files: 0 }
                && earlier.Adds is not null == adds)];
        _before = _earlier is [{ } last, ..] ? new RunSchedule(last) : null;
        // Which tables there are is the same at every change of a run.
        _star = run.Kind == RunKind.Load && _warehouse is not null ? await Tables.ListAsync(run.Warehouse, Life) : [];
        await ReadChecksAsync();
        MoveOn();
        Follow(changes, ApplyAsync);
        Follow(warehouses, ReadWarehouseAsync);
        Every(TimeSpan.FromSeconds(1), () => _run is { Active: true });
    }

    private string Title(RunProgress? progress) => _run is { } run
        ? $"{(run is { State: RunState.Running, WaitsFor: null, CancelRequested: false } && progress is not null
            ? Format.Share(progress.Share)
            : StatusBadges.For(run).Text)} · {Format.Kind(run.Kind)} {run.Warehouse}"
        : $"Run {Id}";

    private async Task ApplyAsync(IReadOnlyList<RunView> changes)
    {
        var before = Audited(_run);
        foreach (var change in changes)
        {
            Take(change);
        }

        if (Audited(_run) != before)
        {
            await ReadChecksAsync();
        }

        MoveOn();
    }

    private async Task ReadWarehouseAsync(IReadOnlyList<string> names)
    {
        if (_run is { } run && names.Contains(run.Warehouse, StringComparer.Ordinal))
        {
            _warehouse = await Warehouses.FindAsync(run.Warehouse, Life);
        }
    }

    private void Take(RunView change)
    {
        if (change.Id == Id && change.IsNewerThan(_run))
        {
            _run = change;
            foreach (var step in change.Steps.Where(s => s.StartedAt is not null))
            {
                _attempts[(step.Name, step.Attempt)] = new(
                    step.Name, step.Attempt, step.State, step.StartedAt, step.FinishedAt, step.Message);
            }
        }
        else if (change.Warehouse == _run?.Warehouse && change.Id > Id && Newer(change, _successor))
        {
            _successor = change;
        }
    }

    // The first run after this one; of that one the newest snapshot.
    private static bool Newer(RunView change, RunView? known) =>
        known is null || change.Id < known.Id || (change.Id == known.Id && change.IsNewerThan(known));

    // Checks are read when a load ends and when it comes past them, not on every change: everyone who watches reads at that moment.
    private static (RunState?, bool) Audited(RunView? run) => (
        run?.State,
        run?.Steps.Any(static s => s is { Name: CheckResult.Step, State: StepState.Succeeded or StepState.Failed }) == true);

    private async Task ReadChecksAsync()
    {
        if (_run is { Kind: RunKind.Load } run && _warehouse is not null)
        {
            _checks = await Records.ChecksAsync(run.Warehouse, run.Id, Life);
            _tables = TableChange.Of(_star, _before?.Run, run);
        }
    }

    private void MoveOn()
    {
        if (GoOn && _run is { State: RunState.Succeeded } && _successor is { } next)
        {
            GoOn = false;
            Nav.NavigateTo($"/runs/{next.Id}", replace: true);
        }
    }

    private Task<bool> ConfirmAsync() => Dialogs.AskAsync(
        $"Cancel run {Id}?",
        WaitsForCluster
            ? "Only the waiting stops: AWS goes on with the cluster, and it costs. Retry the run to go on waiting, or tear the warehouse down."
            : "The step that is running stops, with its SQL. Readers keep what was published before, and "
                + (_run is { Chain: { } chain } ? $"chain {chain} goes on with its end." : "the run can be retried."),
        yes: "Cancel the run",
        no: "Let it run");

    private async Task CancelAsync(CancellationToken ct) => Take(await Runs.CancelAsync(Id, Who.Actor, ct));

    private async Task AgainAsync(CancellationToken ct) =>
        Nav.NavigateTo($"/runs/{(await Runs.StartAsync(_run!.Warehouse, RunKind.Load, Who.Actor, ct)).Id}");

    private async Task RetryAsync(CancellationToken ct) => Take(await Runs.RetryAsync(Id, Who.Actor, ct));
}
