namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// Distinct moments, in little memory: a few thousand at a time are sorted and kept as differences, a few bytes each. Not for use by two
/// threads.
/// </summary>
internal sealed class Moments(MemoryBudget budget)
{
    private const int InRun = 1 << 16;
    private const int MostBytes = 10; // of a difference of 64 bits, 7 bits a byte

    private readonly List<byte[]> _runs = [];
    private readonly long[] _latest = new long[InRun];
    private readonly byte[] _scratch = new byte[InRun * MostBytes];
    private int _count;

    /// <summary>Whether all of them are kept: none are, when there was no memory for more.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Adds one.</summary>
    public void Add(long moment)
    {
        if (IsWhole)
        {
            _latest[_count++] = moment;
            if (_count == InRun)
            {
                KeepLatest();
            }
        }
    }

    /// <summary>Ends adding.</summary>
    public void End()
    {
        if (_count > 0)
        {
            KeepLatest();
        }
    }

    /// <summary>Those of several that have ended, each once, in order.</summary>
    public static IEnumerable<long> InOrder(IEnumerable<Moments> several)
    {
        PriorityQueue<Run, long> next = new();
        foreach (var run in several.SelectMany(static m => m._runs))
        {
            Run first = new(run);
            first.Read();
            next.Enqueue(first, first.Moment);
        }

        long? last = null;
        while (next.TryPeek(out var run, out var moment))
        {
            if (moment != last)
            {
                yield return moment;
                last = moment;
            }

            if (run.Read())
            {
                next.DequeueEnqueue(run, run.Moment);
            }
            else
            {
                next.Dequeue();
            }
        }
    }

    private void KeepLatest()
    {
        var moments = _latest.AsSpan(0, _count);
        moments.Sort();
        var bytes = 0;
        var before = 0L;
        foreach (var moment in moments)
        {
            if (moment != before || bytes == 0)
            {
                bytes += Write(_scratch.AsSpan(bytes), (ulong)(moment - before));
                before = moment;
            }
        }

        _count = 0;
        if (budget.TryTake(bytes))
        {
            _runs.Add(_scratch.AsSpan(0, bytes).ToArray());
            return;
        }

        IsWhole = false;
        budget.Release(_runs.Sum(static r => (long)r.Length));
        _runs.Clear();
    }

    private static int Write(Span<byte> to, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)(value | 0x80);
        }

        to[length++] = (byte)value;
        return length;
    }

    private sealed class Run(byte[] bytes)
    {
        private int _at;

        /// <summary>The one that was read last.</summary>
        public long Moment { get; private set; }

        /// <summary>Reads the next; false when there is none.</summary>
        public bool Read()
        {
            if (_at == bytes.Length)
            {
                return false;
            }

            var difference = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var part = bytes[_at++];
                difference |= (ulong)(part & 0x7F) << shift;
                if (part < 0x80)
                {
                    break;
                }
            }

            Moment += (long)difference;
            return true;
        }
    }
}
