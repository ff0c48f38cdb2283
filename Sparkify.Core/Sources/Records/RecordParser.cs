using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Parses one object at a time and notes where each column's value stands. A key that comes again replaces what it said before. Not for
/// use by two threads.
/// </summary>
internal sealed unsafe partial class RecordParser
{
    private readonly KeyNode _root;
    private readonly KeyCounter _counter;
    private readonly Slot[] _slots;
    private readonly Slot* _slot;
    private int _newlines;
    private int _depth;
    private ulong _seen;
    private ulong _exact;
    private byte* _fault;

    public RecordParser(KeyNode root, int columns, KeyCounter counter)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns, 64);
        _root = root;
        _counter = counter;
        _slots = GC.AllocateArray<Slot>(columns, pinned: true);
        _slot = (Slot*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_slots));
    }

    /// <summary>Where the last record's values are; only those of <see cref="Seen"/>.</summary>
    public Slot* Slots => _slot;

    /// <summary>Which columns the last record has a value for, null included.</summary>
    public ulong Seen => _seen;

    /// <summary>How many newlines the last well-formed record contains.</summary>
    public int Newlines => _newlines;

    /// <summary>Where the last record stopped being JSON.</summary>
    public byte* Fault => _fault;

    /// <summary>The position after the object whose brace is at <paramref name="p"/>; none when it is not well formed.</summary>
    public byte* Parse(byte* p)
    {
        _seen = 0;
        _exact = 0;
        _newlines = 0;
        _depth = 0;
        _fault = null;
        _counter.BeginRecord();
        return ParseObject(p + 1, _root);
    }

    private byte* ParseObject(byte* p, KeyNode node)
    {
        if (++_depth > RecordLimits.MaxDepth)
        {
            return Fail(p);
        }

        p = JsonScan.SkipSpace(p, ref _newlines);
        if (*p == '}')
        {
            _depth--;
            return p + 1;
        }

        var last = node.Entries.Length;
        while (true)
        {
            var at = node.Following[last];
            byte* after = Expected(p, node, at);
            if (after == null)
            {
                after = Key(p, node, out at);
                if (after == null)
                {
                    return null;
                }

                if (at >= 0)
                {
                    node.Following[last] = at;
                }
            }

            p = JsonScan.SkipSpace(after, ref _newlines);
            if (at >= 0)
            {
                last = at;
                p = Value(p, node.Entries[at]);
            }
            else
            {
                p = Skip(p);
            }

            if (p == null)
            {
                return null;
            }

            p = JsonScan.SkipSpace(p, ref _newlines);
            if (*p != ',')
            {
                break;
            }

            p = JsonScan.SkipSpace(p + 1, ref _newlines);
        }

        if (*p != '}')
        {
            return Fail(p);
        }

        _depth--;
        return p + 1;
    }

    /// <summary>The position after <c>"key":</c> when it is exactly the key expected next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Expected(byte* p, KeyNode node, int at)
    {
        var length = node.Lengths[at];
        var offset = (nuint)(uint)(at * KeyNode.PatternBytes);
        var pattern = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(node.Patterns), offset);
        var mask = Vector256.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(node.Masks), offset);
        if (length == 0 || (Vector256.Load(p) & mask) != pattern)
        {
            return null;
        }

        if (node.IgnoreCase)
        {
            _exact |= 1UL << at;
        }

        return p + length;
    }

    /// <summary>The position after any key and its colon; the entry is -1 for a key nobody takes.</summary>
    private byte* Key(byte* p, KeyNode node, out int at)
    {
        at = -1;
        if (*p != '"')
        {
            return Fail(p);
        }

        var escaped = false;
        var end = JsonScan.StringEnd(p + 1, ref escaped, ref _fault);
        if (end == null)
        {
            return null;
        }

        ReadOnlySpan<byte> key = new(p + 1, (int)(end - p - 1));
        at = escaped ? FindEscaped(key, node) : Find(key, node);
        p = JsonScan.SkipSpace(end + 1, ref _newlines);
        return *p == ':' ? p + 1 : Fail(p);
    }

    private int Find(ReadOnlySpan<byte> key, KeyNode node)
    {
        var at = node.Find(key);
        if (at < 0)
        {
            if (node == _root)
            {
                _counter.Unknown(key);
            }

            return -1;
        }

        if (!node.IgnoreCase)
        {
            return at;
        }

        // A key spelled exactly as the column's wins over its other spellings, wherever it stands.
        if (key.SequenceEqual(node.Entries[at].Key))
        {
            _exact |= 1UL << at;
            return at;
        }

        return (_exact & (1UL << at)) == 0 ? at : -1;
    }

    private int FindEscaped(ReadOnlySpan<byte> key, KeyNode node)
    {
        var plain = StringDecoder.Decode(key);
        return Find(plain ?? key, node);
    }

    private byte* Value(byte* p, KeyEntry entry)
    {
        var column = entry.OnlyColumn;
        if (column < 0)
        {
            return Through(p, entry);
        }

        _seen |= 1UL << column;
        return Note(p, ref _slot[column]);
    }

    /// <summary>Notes a value of any shape and answers the position after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Note(byte* p, ref Slot slot)
    {
        if (*p == '"')
        {
            var escaped = false;
            slot.Start = ++p;
            p = JsonScan.StringEnd(p, ref escaped, ref _fault);
            slot.Length = (int)(p - slot.Start);
            slot.Shape = escaped ? Shape.EscapedText : Shape.Text;
            return p == null ? null : p + 1;
        }

        slot.Start = p;
        if ((uint)(*p - '0') <= 9 || *p == '-')
        {
            slot.Shape = Shape.Number;
            p = JsonScan.Number(p, ref slot.Number, ref _fault);
        }
        else if (*p is (byte)'{' or (byte)'[')
        {
            slot.Shape = Shape.Composite;
            p = CompositeScan.Skip(p, _depth, ref _newlines, ref _fault);
        }
        else if (Unsafe.ReadUnaligned<uint>(p) == 0x6C6C756Eu)
        {
            // "null" as a little-endian word; other machines take the slower way below.
            slot.Shape = Shape.Null;
            return p + 4;
        }
        else
        {
            p = JsonScan.Word(p, out slot.Shape, ref _fault);
        }

        slot.Length = (int)(p - slot.Start);
        return p;
    }

    private byte* Skip(byte* p)
    {
        Slot nowhere = default;
        return Note(p, ref nowhere);
    }

    private byte* Fail(byte* p)
    {
        _fault = p;
        return null;
    }
}
