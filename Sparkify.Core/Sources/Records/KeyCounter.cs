using System.Numerics;
using System.Text;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Counts the staged records that have keys no column takes, and those that lack a column's key. What a batch adds is held apart until the
/// batch is accepted, because a batch may have been parsed from the wrong place. Not for use by two threads.
/// </summary>
internal sealed class KeyCounter(StarTable table)
{
    /// <summary>How many unknown keys are told apart while reading; what comes after them is not counted.</summary>
    private const int MaxKeys = 1000;

    private const int MaxKeyBytes = 256;

    private const int NamedKeys = 100;

    private readonly Dictionary<byte[], int> _index = new(ByteComparer.Instance);
    private readonly List<UnknownKey> _unknown = [];
    private readonly List<int> _inRecord = [];
    private readonly long[] _missing = new long[table.Columns.Count];
    private readonly long[] _missingInBatch = new long[table.Columns.Count];
    private readonly ulong _all = table.Columns.Count == 64 ? ulong.MaxValue : (1UL << table.Columns.Count) - 1;
    private long _record;

    /// <summary>What counters of one table have accepted, together.</summary>
    public static KeyCounts Sum(StarTable table, IReadOnlyList<KeyCounter> counters) => new(
        counters.SelectMany(static c => c._unknown).GroupBy(static k => k.Name, static k => k.Count, StringComparer.Ordinal)
            .Select(static k => KeyValuePair.Create(k.Key, k.Sum())).Where(static k => k.Value > 0)
            .OrderByDescending(static k => k.Value).ThenBy(static k => k.Key, StringComparer.Ordinal).Take(NamedKeys).ToDictionary(),
        table.Columns.Select((column, at) => KeyValuePair.Create(column.JsonKey, counters.Sum(c => c._missing[at])))
            .Where(static m => m.Value > 0).ToDictionary());

    /// <summary>Starts a record.</summary>
    public void BeginRecord()
    {
        _record++;
        _inRecord.Clear();
    }

    /// <summary>Notes a key of the current record that no column takes.</summary>
    public void Unknown(ReadOnlySpan<byte> key)
    {
        key = key[..Math.Min(key.Length, MaxKeyBytes)];
        if (!_index.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var at))
        {
            if (_unknown.Count == MaxKeys)
            {
                return;
            }

            at = _unknown.Count;
            _index.Add(key.ToArray(), at);
            _unknown.Add(new UnknownKey(SafeText.From(key, MaxKeyBytes)));
        }

        if (_unknown[at].LastRecord != _record)
        {
            _unknown[at].LastRecord = _record;
            _inRecord.Add(at);
        }
    }

    /// <summary>Counts the current record, which is staged with values for <paramref name="seen"/>.</summary>
    public void Staged(ulong seen)
    {
        foreach (var at in _inRecord)
        {
            _unknown[at].InBatch++;
        }

        for (var lacking = _all & ~seen; lacking != 0; lacking &= lacking - 1)
        {
            _missingInBatch[BitOperations.TrailingZeroCount(lacking)]++;
        }
    }

    /// <summary>Ends a batch: its counts are taken or forgotten.</summary>
    public void EndBatch(bool accepted)
    {
        foreach (var key in _unknown)
        {
            key.Count += accepted ? key.InBatch : 0;
            key.InBatch = 0;
        }

        for (var column = 0; column < _missing.Length; column++)
        {
            _missing[column] += accepted ? _missingInBatch[column] : 0;
            _missingInBatch[column] = 0;
        }
    }

    private sealed class UnknownKey(string name)
    {
        public string Name { get; } = name;

        /// <summary>The last record it was met in, so that it counts once for each.</summary>
        public long LastRecord { get; set; }

        public long Count { get; set; }

        public long InBatch { get; set; }
    }

    private sealed class ByteComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static ByteComparer Instance { get; } = new();

        public bool Equals(byte[]? one, byte[]? other) => one.AsSpan().SequenceEqual(other);

        public int GetHashCode(byte[] key) => GetHashCode(key.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = default;
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}

/// <summary>How the keys of staged records differ from what the columns expect.</summary>
/// <param name="Unknown">Keys no column takes, with how many records have them (at most 100 keys, the most frequent first).</param>
/// <param name="Missing">Columns' keys with how many records lack them (only those that some record lacks).</param>
internal sealed record KeyCounts(IReadOnlyDictionary<string, long> Unknown, IReadOnlyDictionary<string, long> Missing);

/// <summary>Bytes of unknown origin as text PostgreSQL can store and a person can read.</summary>
internal static class SafeText
{
    /// <summary>The text, cut after <paramref name="characters"/>; what is no UTF-8, and zero characters, become U+FFFD.</summary>
    public static string From(ReadOnlySpan<byte> bytes, int characters)
    {
        // No character takes more than four bytes, nor a replaced one.
        var text = Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, characters * 4)]).Replace('\0', '\uFFFD');
        if (text.Length <= characters)
        {
            return text;
        }

        return text[..(char.IsHighSurrogate(text[characters - 1]) ? characters - 1 : characters)];
    }
}
