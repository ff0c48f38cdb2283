namespace Sparkify.Core.Common;

/// <summary>
/// Reads a thing once for all who ask for it at the same moment, as every open page does when a run ends. What anybody gets was read after
/// they asked: who comes while it is being read shares the next reading with the others who came meanwhile. Nothing is kept.
/// </summary>
/// <param name="readAsync">Reads it. Goes on without those who no longer wait, so it has to end by itself.</param>
internal sealed class SharedRead<TKey, T>(Func<TKey, Task<T>> readAsync)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Turns> _turns = [];

    /// <summary>What a reading found that began after this call. Throws what that reading threw.</summary>
    public Task<T> ReadAsync(TKey key, CancellationToken ct)
    {
        Task<T> mine;
        lock (_gate)
        {
            if (_turns.TryGetValue(key, out var turns))
            {
                mine = turns.Next ??= AfterAsync(turns.Now, key, turns);
            }
            else
            {
                turns = new Turns();
                _turns.Add(key, turns);
                mine = turns.Now = TakeTurnAsync(key, turns);
            }
        }

        return mine.WaitAsync(ct);
    }

    private async Task<T> AfterAsync(Task<T> before, TKey key, Turns turns)
    {
        // However the one before ended: those who waited for it are told.
        await ((Task)before).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (turns.Now, turns.Next) = (turns.Next!, null);
        }

        return await TakeTurnAsync(key, turns);
    }

    private async Task<T> TakeTurnAsync(TKey key, Turns turns)
    {
        try
        {
            // Elsewhere: this begins under the lock, and in the context of whoever came first.
            return await CallBudget.ShareAsync(() => readAsync(key)).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                if (turns.Next is null)
                {
                    _turns.Remove(key);
                }
            }
        }
    }

    private sealed class Turns
    {
        public Task<T> Now { get; set; } = null!;

        public Task<T>? Next { get; set; }
    }
}
