namespace Sparkify.Core.Runs;

/// <summary>
/// Reads a working step's counters: shows them to viewers five times a second and hands them to the ledger once a second.
/// The counters themselves are free of that, so that a step may count as often as it likes.
/// </summary>
internal sealed class StepPulse(ActiveRun run, int ordinal, StepProgress progress, Func<StepView, Task> save, TimeProvider clock)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Saving = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);
    private readonly Queue<(long At, long Rows)> _window = new();
    private readonly long _started = clock.GetTimestamp();

    /// <summary>Beats until <paramref name="ended"/> is cancelled.</summary>
    public async Task BeatAsync(CancellationToken ended)
    {
        var saved = clock.GetTimestamp();
        using var timer = new PeriodicTimer(Beat, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                var step = Show();
                if (clock.GetElapsedTime(saved) >= Saving)
                {
                    await save(step);
                    saved = clock.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The step came to its end.
        }
    }

    /// <summary>The counters as they stand, put into a view; the rate is that of the whole step when it has ended.</summary>
    public StepView Read(StepView step, bool ended)
    {
        var rows = progress.Rows;
        return step with
        {
            Rows = rows,
            Bytes = progress.Bytes,
            Files = progress.Files,
            TotalBytes = progress.TotalBytes,
            TotalFiles = progress.TotalFiles,
            Rejects = progress.Rejects,
            Warnings = progress.Warnings,
            Share = Share(),
            RowsPerSecond = rows is { } count ? ended ? Whole(count) : Recent(count) : null,
            Message = progress.Message ?? step.Message,
        };
    }

    private StepView Show()
    {
        var before = run.View.Steps[ordinal];
        var now = Read(before, ended: false);
        return now == before ? before : run.ChangeStep(ordinal, _ => now);
    }

    private double? Share() => (progress.Bytes, progress.TotalBytes, progress.Files, progress.TotalFiles) switch
    {
        ({ } bytes, > 0 and var total, _, _) => Math.Min(1.0, (double)bytes / total),
        (_, _, { } files, > 0 and var total) => Math.Min(1.0, (double)files / total),
        _ => null,
    };

    private double? Whole(long rows) => clock.GetElapsedTime(_started).TotalSeconds is > 0 and var seconds ? rows / seconds : null;

    private double? Recent(long rows)
    {
        var now = clock.GetTimestamp();
        _window.Enqueue((now, rows));
        while (_window.Count > 1 && clock.GetElapsedTime(_window.Peek().At, now) > RateWindow)
        {
            _window.Dequeue();
        }

        var (at, earlier) = _window.Peek();
        return clock.GetElapsedTime(at, now).TotalSeconds is > 0.1 and var seconds ? (rows - earlier) / seconds : Whole(rows);
    }
}
