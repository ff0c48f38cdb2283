using System.Collections.Concurrent;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What is at work in this process just now, and the live feeds everyone listens to.</summary>
internal sealed class ActiveRuns(TimeProvider clock)
{
    private const int MostRemembered = 1000;
    private readonly ConcurrentDictionary<long, ActiveRun> _active = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<long, long> _shown = [];
    private readonly Queue<long> _order = new();

    private long _revision;

    /// <summary>Every change of every run.</summary>
    public Feed<RunView> Views { get; } = new();

    /// <summary>Every log line of every run.</summary>
    public Feed<RunLogLine> Lines { get; } = new();

    /// <summary>
    /// The next revision: the time, so that it is above those that other processes have stored, and higher than every one before it here.
    /// </summary>
    public long NextRevision()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _revision);
            var next = Math.Max(last + 1, clock.GetUtcNow().UtcTicks);
            if (Interlocked.CompareExchange(ref _revision, next, last) == last)
            {
                return next;
            }
        }
    }

    /// <summary>Shows a view to everyone, unless a newer one of that run was shown already: nobody sees a run go backwards.</summary>
    public void Show(RunView view)
    {
        lock (_gate)
        {
            if (_shown.TryGetValue(view.Id, out var revision) && revision >= view.Revision)
            {
                return;
            }

            if (!_shown.ContainsKey(view.Id))
            {
                _order.Enqueue(view.Id);
                if (_order.Count > MostRemembered)
                {
                    _shown.Remove(_order.Dequeue());
                }
            }

            _shown[view.Id] = view.Revision;
            SeenUpTo(view.Revision);
            Views.Publish(view); // never waits
        }
    }

    // Of a process whose clock is ahead: what happens here from now on is newer all the same.
    private void SeenUpTo(long revision)
    {
        for (var last = Interlocked.Read(ref _revision); last < revision; last = Interlocked.Read(ref _revision))
        {
            Interlocked.CompareExchange(ref _revision, revision, last);
        }
    }

    /// <summary>Registers a run as at work here; false when it is already.</summary>
    public bool TryEnter(ActiveRun run) => _active.TryAdd(run.Id, run);

    /// <summary>Takes a run off.</summary>
    public void Leave(ActiveRun run) => _active.TryRemove(new KeyValuePair<long, ActiveRun>(run.Id, run));

    /// <summary>The run at work here, or none.</summary>
    public ActiveRun? Find(long run) => _active.GetValueOrDefault(run);

    /// <summary>The newer of a stored view and what is at work here.</summary>
    public RunView Freshest(RunView stored) => Find(stored.Id)?.View is { } live && live.IsNewerThan(stored) ? live : stored;
}
