using Sparkify.Core.Storage;

namespace Sparkify.Core.Pipeline.Local;

/// <summary>
/// Hands the connections that loads may use on the store's server to their steps. A step takes all of its at once before it opens the
/// first, so none holds some while it waits for others.
/// </summary>
internal sealed class LoaderConnections(IStore store, IEnumerable<ReservedConnections> reserved) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SemaphoreSlim? _free;
    private int _all;

    /// <summary>Waits until so many are free, or as many as there are, and takes them; disposing what it gives frees them.</summary>
    public async Task<IDisposable> TakeAsync(int count, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        var taken = 0;
        try
        {
            if (_free is null)
            {
                _all = await ConnectionBudget.ForLoadsAsync(store.Database, reserved.Sum(static r => r.Count), ct);
                _free = new SemaphoreSlim(_all, _all);
            }

            for (count = Math.Min(count, _all); taken < count; taken++)
            {
                await _free.WaitAsync(ct);
            }

            return new Taken(_free, taken);
        }
        catch
        {
            if (taken > 0)
            {
                _free!.Release(taken);
            }

            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _free?.Dispose();
    }

    private sealed class Taken(SemaphoreSlim free, int count) : IDisposable
    {
        public void Dispose() => free.Release(count);
    }
}
