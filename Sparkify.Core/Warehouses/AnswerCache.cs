using System.Diagnostics.CodeAnalysis;
using Sparkify.Core.Common;

namespace Sparkify.Core.Warehouses;

/// <summary>Which answer: a warehouse, the load that published its star, what was asked and with which parameters.</summary>
internal sealed record AnswerKey(string Warehouse, long Run, string Question, string Arguments = "");

/// <summary>
/// Answers by key. Whoever asks for one that is being computed waits for that; a computation nobody waits for any more is cancelled.
/// The least recently used go first, and those of earlier publishes when a later one comes.
/// </summary>
/// <param name="most">How many are kept.</param>
/// <param name="runOf">The load that published what an answer was taken from.</param>
internal sealed class AnswerCache<T>(int most, Func<T, long> runOf)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AnswerKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    /// <summary>Gives the answer, and whether it was there already. <paramref name="fresh"/> has it computed again.</summary>
    public async Task<(T Result, bool Found)> GetAsync(
        AnswerKey key, Func<CancellationToken, Task<T>> computeAsync, bool fresh, CancellationToken ct)
    {
        var (entry, found) = Join(key, computeAsync, fresh);
        try
        {
            var result = await entry.Task.WaitAsync(ct);
            if (runOf(result) != key.Run)
            {
                Drop(entry); // published while it was being computed: it belongs to a key nobody has asked for yet
            }

            return (result, found);
        }
        catch when (entry.Task.IsFaulted || entry.Task.IsCanceled)
        {
            Drop(entry);
            throw;
        }
        finally
        {
            Leave(entry);
        }
    }

    private (Entry Entry, bool Found) Join(AnswerKey key, Func<CancellationToken, Task<T>> computeAsync, bool fresh)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node) && (!fresh || !node.Value.Task.IsCompleted) && !node.Value.Abandoned)
            {
                var found = node.Value.Task.IsCompleted;
                node.Value.Waiting++;
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return (node.Value, found);
            }

            if (node is not null)
            {
                Remove(node);
            }

            var entry = new Entry(key, computeAsync) { Waiting = 1 };
            _entries[key] = _byUse.AddFirst(entry);
            foreach (var old in _byUse.Where(e => e.Key.Warehouse == key.Warehouse && e.Key.Run != key.Run).Select(e => e.Key).ToList())
            {
                Remove(_entries[old]);
            }

            while (_byUse.Count > most)
            {
                Remove(_byUse.Last!);
            }

            return (entry, false);
        }
    }

    private void Leave(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Waiting == 0 && !entry.Task.IsCompleted)
            {
                entry.Abandon();
            }
        }
    }

    private void Drop(Entry entry)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(entry.Key, out var node) && node.Value == entry)
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byUse.Remove(node);
    }

    [SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing to dispose of.")]
    private sealed class Entry
    {
        private readonly CancellationTokenSource _stop = new();

        public Entry(AnswerKey key, Func<CancellationToken, Task<T>> computeAsync)
        {
            Key = key;
            var token = _stop.Token;
            Task = CallBudget.ShareAsync(() => computeAsync(token), token);
        }

        public AnswerKey Key { get; }

        public Task<T> Task { get; }

        public int Waiting { get; set; }

        public bool Abandoned { get; private set; }

        public void Abandon()
        {
            Abandoned = true;
            _stop.Cancel();
        }
    }
}
