namespace Sparkify.Core.Pipeline.Passing;

/// <summary>What an event can be the latest of.</summary>
[Flags]
internal enum Latest
{
    /// <summary>Of all.</summary>
    Any = 1,

    /// <summary>Of those with a first name.</summary>
    FirstName = 2,

    /// <summary>Of those with a last name.</summary>
    LastName = 4,

    /// <summary>Of those with a gender.</summary>
    Gender = 8,
}

/// <summary>One user's events that are the latest of something.</summary>
internal sealed class UserLatest
{
    /// <summary>About how many bytes one takes beside its events, with its place in a table.</summary>
    public const int OwnBytes = 200;

    private const int RowBytes = 80;
    private const int Kinds = 4;

    private readonly long[] _times = [long.MinValue, long.MinValue, long.MinValue, long.MinValue];
    private readonly List<Row> _rows = new(1);
    private Row? _spare;

    /// <summary>Whether an event of the user's is a play.</summary>
    public bool HasPlayed { get; set; }

    /// <summary>The events.</summary>
    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>Whether an event is the latest of something, or as late.</summary>
    public bool Decides(long time, Latest has)
    {
        for (var kind = 0; kind < Kinds; kind++)
        {
            if (Is(has, kind) && time >= _times[kind])
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps an event that decides, in the place of those that do not any more; gives how many bytes that took.</summary>
    public int Keep(long time, Latest has, ReadOnlySpan<byte> bytes)
    {
        var later = false;
        for (var kind = 0; kind < Kinds; kind++)
        {
            if (Is(has, kind) && time > _times[kind])
            {
                _times[kind] = time;
                later = true;
            }
        }

        for (var at = later ? _rows.Count - 1 : -1; at >= 0; at--)
        {
            if (!Decides(_rows[at].Time, _rows[at].Has))
            {
                _spare = _rows[at];
                _rows.RemoveAt(at);
            }
        }

        var row = _spare ?? new Row();
        var taken = _spare is null ? RowBytes : 0;
        _spare = null;
        _rows.Add(row);
        return taken + row.Set(time, has, bytes);
    }

    private static bool Is(Latest has, int kind) => ((int)has >> kind & 1) != 0;

    /// <summary>An event as it is sent.</summary>
    internal sealed class Row
    {
        private byte[] _bytes = [];
        private int _length;

        /// <summary>When it happened, in microseconds since 2000.</summary>
        public long Time { get; private set; }

        /// <summary>What it can be the latest of.</summary>
        public Latest Has { get; private set; }

        /// <summary>The event, as COPY takes it.</summary>
        public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

        /// <summary>Takes another event; gives how many more bytes of memory that took.</summary>
        public int Set(long time, Latest has, ReadOnlySpan<byte> bytes)
        {
            (Time, Has) = (time, has);
            var more = Math.Max(0, bytes.Length - _bytes.Length);
            if (more > 0)
            {
                _bytes = new byte[bytes.Length];
            }

            bytes.CopyTo(_bytes);
            _length = bytes.Length;
            return more;
        }
    }
}
