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

    /// <summary>
    /// The answer, if nothing newer was asked while it was read. Cancelling ends most reads; one that was already over would still
    /// put its answer, or its problem, on top of the newer one.
    /// </summary>
    /// <exception cref="OperationCanceledException">The question of <paramref name="token"/> is no longer the newest.</exception>
    public static async Task<T> TakeAsync<T>(Task<T> answer, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(answer);
        try
        {
            await answer;
        }
        catch (Exception) when (token.IsCancellationRequested)
        {
            // Whatever it was, nobody waits for it: the line below says so.
        }

        token.ThrowIfCancellationRequested();
        return await answer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var last = Interlocked.Exchange(ref _current, null);
        last?.Cancel();
    }
}
