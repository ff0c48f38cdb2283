using System.Diagnostics.CodeAnalysis;

namespace Sparkify.Core.Runs;

/// <summary>A run while it is at work in this process: its present view, its unsaved log lines, and the switch that cancels it.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source with neither timer nor link holds nothing to dispose of.")]
internal sealed class ActiveRun(ActiveRuns active, RunView view, int lastLogLine, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<RunLogLine> _unsaved = [];
    private RunView _view = view;
    private int _lastLogLine = lastLogLine;

    /// <summary>The run's number.</summary>
    public long Id { get; } = view.Id;

    /// <summary>The present view.</summary>
    public RunView View => Volatile.Read(ref _view);

    /// <summary>Set when someone asked to cancel.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Changes the view and shows it to everyone.</summary>
    public RunView Change(Func<RunView, RunView> change)
    {
        RunView now;
        lock (_gate)
        {
            now = change(_view) with { Revision = active.NextRevision() };
            Volatile.Write(ref _view, now);
            // Inside the gate, so that views reach the feed in the order of their revisions. Publishing never waits.
            active.Show(now);
        }

        return now;
    }

    /// <summary>Changes one step of the view and shows it to everyone.</summary>
    public StepView ChangeStep(int ordinal, Func<StepView, StepView> change) => Change(run =>
    {
        var steps = run.Steps.ToArray();
        steps[ordinal] = change(steps[ordinal]);
        return run with { Steps = steps };
    }).Steps[ordinal];

    /// <summary>Writes a log line and shows it to everyone; it is saved with the next <see cref="TakeUnsaved"/>.</summary>
    public void Log(RunLogLevel level, string? step, int? attempt, string message)
    {
        lock (_gate)
        {
            var line = new RunLogLine(Id, ++_lastLogLine, clock.GetUtcNow(), level, step, attempt, message);
            _unsaved.Add(line);
            active.Lines.Publish(line);
        }
    }

    /// <summary>The lines written since the last call.</summary>
    public IReadOnlyList<RunLogLine> TakeUnsaved()
    {
        lock (_gate)
        {
            RunLogLine[] lines = [.. _unsaved];
            _unsaved.Clear();
            return lines;
        }
    }

    /// <summary>Gives lines back that could not be saved.</summary>
    public void PutBack(IReadOnlyList<RunLogLine> lines)
    {
        lock (_gate)
        {
            _unsaved.InsertRange(0, lines);
        }
    }

    /// <summary>Stops the work, as somebody asked.</summary>
    public async Task CancelAsync(string person)
    {
        Change(run => run with { CancelRequested = true });
        Log(RunLogLevel.Warning, step: null, attempt: null, $"Cancel asked for by {person}.");
        await StopAsync();
    }

    /// <summary>Stops the work for somebody whose wish is in the log already.</summary>
    public Task StopAsync() => _cancel.CancelAsync();
}
