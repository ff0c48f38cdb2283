namespace Sparkify.Web.Live;

/// <summary>Each new question cancels the one before it, so that an older answer never lands on a newer question.</summary>
public sealed class LatestRequest : IDisposable
{
    private CancellationTokenSource? _current;

    /// <summary>Cancels what was asked before and gives the token of the next question.</summary>
    public CancellationToken Next(CancellationToken outer)
    {
        var next = CancellationTokenSource.CreateLinkedTokenSource(outer);
        var token = next.Token; // read before publishing: a rival call may dispose it at once
        using var previous = Interlocked.Exchange(ref _current, next);
        previous?.Cancel();
        return token;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var last = Interlocked.Exchange(ref _current, null);
        last?.Cancel();
    }
}
