using Sparkify.Core.Common;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Reports.Queries;

/// <summary>One of the places of queries and exports; it is free again when it is disposed of.</summary>
internal sealed class QueryPlace(string person, QueryWatch watch, Action<QueryPlace> leave) : IDisposable
{
    // The server's own limit comes first, where it acts on it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // Never disposed of: it may be cancelled at the very end.
    private readonly CancellationTokenSource _end = new();
    private volatile QueryBackend? _backend;
    private volatile string? _why;
    private TimeSpan _limit;
    private int _left;

    /// <summary>Whose it is.</summary>
    public string Person => person;

    /// <summary>What works here, once that is known.</summary>
    public QueryBackend? Backend => _backend;

    /// <summary>Cancelled when what runs here has to end: its time is over, or all together use too much.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Why it has to, in a sentence for the person; none while it need not.</summary>
    public string? Why => _why ?? (Ended.IsCancellationRequested ? $"It took longer than {_limit.TotalSeconds:0.#} s and was stopped." : null);

    /// <summary>Says what works here: from now on it counts with the others. None is of a server that keeps its own limits.</summary>
    public void WorksBy(QueryBackend? backend)
    {
        _backend = backend;
        if (backend is not null)
        {
            watch.Join(this);
        }
    }

    /// <summary>
    /// Ends what runs here a while after its time is over. The server ends a statement then, but it does not where the connection hangs,
    /// or while it waits for somebody who hardly takes the rows.
    /// </summary>
    public void EndsAfter(TimeSpan limit)
    {
        _limit = limit;
        _end.CancelAfter(limit + Grace);
    }

    /// <summary>Ends what runs here.</summary>
    public void End(string why)
    {
        _why = why;
        _ = _end.CancelAsync(); // who watches does not wait until everybody has heard
    }

    /// <summary>Whether something failed because it was ended.</summary>
    public bool IsWhy(Exception ex) => Why is not null && (ex is OperationCanceledException || WarehouseFaults.OfTheWay(ex));

    /// <summary>What the person is told then.</summary>
    public SparkifyException Refusal(Exception ex) => SparkifyException.Unavailable(Why!, ex);

    /// <summary>Closes what works here and frees the place, in any case: closing may fail.</summary>
    public async Task LeaveAsync(IAsyncDisposable? works)
    {
        using (this)
        {
            if (works is not null)
            {
                await works.DisposeAsync();
            }
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _end.CancelAfter(Timeout.InfiniteTimeSpan);
            watch.Leave(this);
            leave(this);
        }
    }
}
