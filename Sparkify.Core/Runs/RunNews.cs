using System.Globalization;
using Sparkify.Core.Storage;

namespace Sparkify.Core.Runs;

/// <summary>Shows the runs that other processes on this store work on, and stops those here that somebody cancelled there.</summary>
internal sealed class RunNews(RunQueries queries, ActiveRuns active) : IStoreListener
{
    private const int MostLines = 1000;

    // The last line shown of each run that somebody follows here.
    private readonly Dictionary<long, int> _lines = [];

    public async Task HeardAsync(string topic, string what, CancellationToken ct)
    {
        if (topic is not ("run" or "log") || !long.TryParse(what, CultureInfo.InvariantCulture, out var run))
        {
            return;
        }

        if (active.Find(run) is { } own)
        {
            await StopIfAskedAsync(own, ct);
        }
        else if (topic == "log")
        {
            await ShowLinesAsync(run, ct);
        }
        else if (await queries.FindAsync(run, ct) is { } view)
        {
            active.Show(view);
        }
    }

    public async Task CatchUpAsync(CancellationToken ct)
    {
        foreach (var view in await queries.LatestAsync(ct))
        {
            if (active.Find(view.Id) is { } own)
            {
                await StopIfAskedAsync(own, ct);
            }
            else
            {
                active.Show(view);
                await ShowLinesAsync(view.Id, ct);
            }
        }
    }

    private async Task StopIfAskedAsync(ActiveRun own, CancellationToken ct)
    {
        if (!own.Cancelled.IsCancellationRequested && await queries.CancelAskedByAsync(own.Id, ct) is { } person)
        {
            await own.CancelAsync(person);
        }
    }

    private async Task ShowLinesAsync(long run, CancellationToken ct)
    {
        if (active.Lines.Subscribers == 0)
        {
            _lines.Clear(); // nobody follows any
            return;
        }

        // Who follows a run has read what there was, and leaves out what comes twice.
        foreach (var line in await queries.LogAsync(run, _lines.GetValueOrDefault(run), MostLines, ct))
        {
            _lines[run] = line.Sequence;
            active.Lines.Publish(line);
        }
    }
}
