using Microsoft.AspNetCore.Components;
using Sparkify.Core.Runs;
using Sparkify.Web.Shared;

namespace Sparkify.Web.Features.Runs;

/// <summary>A run's log as it is written. Opens at the step that failed, when one did.</summary>
public sealed partial class LogPane
{
    private const int Most = 1_000;
    private readonly List<RunLogLine> _lines = [];
    private bool _read;
    private bool _chosen;
    private string? _step;
    private int _attempt;
    private RunLogLevel _least;
    private string? _find;
    private object? _shown;

    /// <summary>Where logs are.</summary>
    [Inject]
    public required IRuns Runs { get; init; }

    /// <summary>The browser's zone.</summary>
    [Inject]
    public required BrowserClock Browser { get; init; }

    /// <summary>The run.</summary>
    [Parameter, EditorRequired]
    public required RunView Run { get; set; }

    /// <summary>Further style classes.</summary>
    [Parameter]
    public string? Class { get; set; }

    // Until the person chooses, the log shows the step that failed, or everything. No step is an empty word here.
    private string Step
    {
        get => (_chosen ? _step : FailedStep) ?? "";
        set => (_chosen, _step) = (true, value);
    }

    private string Note => Run.Active && _lines.Count == Shown.Count
        ? "follows"
        : $"{Format.Count(Shown.Count, "line")}{(_lines.Count > Shown.Count ? $" of {Format.Count(_lines.Count)}" : null)}";

    private string? FailedStep =>
        Run.State == RunState.Failed ? Run.Steps.FirstOrDefault(s => s.State == StepState.Failed)?.Name : null;

    private int MostAttempts => Math.Max(Run.Steps.Select(s => s.Attempt).DefaultIfEmpty(1).Max(), 1);

    private IReadOnlyList<RunLogLine> Shown => [.. _lines.Where(Wanted).TakeLast(Most)];

    // What of the run stands here. It changes seldom, while the run changes several times a second.
    private object Shows =>
        (Run.Id, Run.State, FailedStep, MostAttempts, string.Join('\n', Run.Steps.Select(static s => (s.Name, s.Title))), Class);

    /// <summary>Takes the run and renders only when something else of it would be shown: the fields and their lists are costly.</summary>
    public override Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        var shows = Shows;
        if (shows.Equals(_shown))
        {
            return Task.CompletedTask;
        }

        _shown = shows;
        return base.SetParametersAsync(ParameterView.Empty);
    }

    /// <inheritdoc/>
    protected override async Task OnInitializedAsync()
    {
        var news = Own(Runs.SubscribeToLog(Run.Id));
        Add(await Runs.LogAsync(Run.Id, after: 0, Most, Life));
        _read = true;
        Follow(news, AddAsync);
    }

    private static string Word(RunLogLevel level) => level == RunLogLevel.Warning ? "warn" : Format.Slug(level);

    private bool Wanted(RunLogLine line) =>
        line.Level >= _least && (Step.Length == 0 || line.Step == Step) && (_attempt == 0 || line.Attempt == _attempt)
        && (string.IsNullOrWhiteSpace(_find) || line.Message.Contains(_find.Trim(), StringComparison.OrdinalIgnoreCase));

    private async Task AddAsync(IReadOnlyList<RunLogLine> lines)
    {
        // The feed may drop lines when very many come at once; numbers without gaps tell, and the store has them all.
        if (_lines.Count > 0 && lines[0].Sequence > _lines[^1].Sequence + 1)
        {
            Add(await Runs.LogAsync(Run.Id, _lines[^1].Sequence, Most, Life));
        }

        Add(lines);
    }

    private void Add(IReadOnlyList<RunLogLine> lines)
    {
        foreach (var line in lines)
        {
            if (_lines.Count == 0 || line.Sequence > _lines[^1].Sequence)
            {
                _lines.Add(line);
            }
        }

        if (_lines.Count > 5 * Most)
        {
            _lines.RemoveRange(0, _lines.Count - (4 * Most));
        }
    }
}
