using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Writes rows as PostgreSQL's binary COPY takes them: a count of fields, then for each its length (-1 for NULL) and its bytes, all in
/// network order. A row that fails is taken back.
/// </summary>
internal sealed unsafe class RowEncoder(StarTable table, bool truncate, PinnedBuffer rows)
{
    private const int FieldHeader = sizeof(int);
    private const int LongestNumber = FieldHeader + sizeof(long);

    private readonly StarColumn[] _columns = [.. table.Columns];
    private PinnedBuffer? _scratch;
    private byte* _to;
    private byte* _limit;

    /// <summary>The column of the last row that failed.</summary>
    public int FailedColumn { get; private set; }

    /// <summary>Where the last row starts.</summary>
    public int LastRow { get; private set; }

    /// <summary>Writes one row from the values a parser noted.</summary>
    /// <param name="slots">The values, one for each column.</param>
    /// <param name="seen">Which of them are there.</param>
    /// <param name="mustCheck">Whether the texts may be no UTF-8.</param>
    /// <param name="file">The file's number.</param>
    /// <param name="line">The line the record starts on.</param>
    public ValueFault TryWrite(Slot* slots, ulong seen, bool mustCheck, int file, long line)
    {
        LastRow = rows.Length;
        Point();
        Reserve((_columns.Length + 2) * LongestNumber);
        WriteShort((short)(_columns.Length + 2));
        for (var at = 0; at < _columns.Length; at++)
        {
            if ((seen & (1UL << at)) == 0)
            {
                WriteInt(-1);
                continue;
            }

            var fault = Write(_columns[at], ref slots[at], mustCheck);
            if (fault != ValueFault.None)
            {
                FailedColumn = at;
                return fault;
            }
        }

        WriteInt(sizeof(int));
        WriteInt(file);
        WriteInt(sizeof(long));
        WriteLong(line);
        rows.Length = (int)(_to - rows.Start);
        return ValueFault.None;
    }

    private ValueFault Write(StarColumn column, ref Slot slot, bool mustCheck)
    {
        if (slot.Shape == Shape.Null)
        {
            WriteInt(-1);
            return ValueFault.None;
        }

        if (slot.Shape == Shape.NoElement)
        {
            return ValueFault.NoElement;
        }

        if (column.Type == ColumnType.Text)
        {
            return WriteText(column.MaxBytes, ref slot, mustCheck);
        }

        if (slot.Shape == Shape.Number)
        {
            return WriteNumber(column.Type, slot.Number, slot.Raw);
        }

        return slot.Shape switch
        {
            Shape.Text when slot.Length == 0 => WriteNull(),
            Shape.Text => WriteNumberText(column.Type, slot.Start, slot.Length),
            Shape.EscapedText => WriteEscapedNumberText(column.Type, ref slot),
            _ => ValueFault.NotANumber,
        };
    }

    private ValueFault WriteNumber(ColumnType type, in Number number, ReadOnlySpan<byte> text)
    {
        if (type == ColumnType.Double)
        {
            var fault = NumberValue.Double(number, text, out var real);
            WriteInt(sizeof(double));
            WriteLong(BitConverter.DoubleToInt64Bits(real));
            return fault;
        }

        if (type == ColumnType.Timestamp)
        {
            var fault = NumberValue.Timestamp(number, text, out var microseconds);
            WriteInt(sizeof(long));
            WriteLong(microseconds);
            return fault;
        }

        var bad = NumberValue.Whole(number, text, out var whole);
        if (type == ColumnType.BigInt)
        {
            WriteInt(sizeof(long));
            WriteLong(whole);
            return bad;
        }

        WriteInt(sizeof(int));
        WriteInt((int)whole);
        return bad != ValueFault.None ? bad : whole == (int)whole ? ValueFault.None : ValueFault.OutOfRange;
    }

    private ValueFault WriteNull()
    {
        WriteInt(-1);
        return ValueFault.None;
    }

    private ValueFault WriteNumberText(ColumnType type, byte* text, int length)
    {
        // A number ends where its text's quote (or a decoded text's zero) stands.
        Number number = default;
        byte* fault = null;
        var end = JsonScan.Number(text, ref number, ref fault);
        return end == text + length ? WriteNumber(type, number, new(text, length)) : ValueFault.NotANumber;
    }

    private ValueFault WriteEscapedNumberText(ColumnType type, ref Slot slot)
    {
        _scratch ??= new PinnedBuffer(1024);
        if (slot.Length + 1 > _scratch.Capacity)
        {
            _scratch.Resize(slot.Length + 1);
        }

        var fault = DecodeFault.None;
        _scratch.Length = (int)(StringDecoder.Decode(slot.Start, slot.Start + slot.Length, _scratch.Start, ref fault) - _scratch.Start);
        _scratch.Terminate();
        return fault == DecodeFault.None ? WriteNumberText(type, _scratch.Start, _scratch.Length) : ValueFault.NotANumber;
    }

    private ValueFault WriteText(int most, ref Slot slot, bool mustCheck)
    {
        if (mustCheck && !Utf8.IsValid(slot.Raw))
        {
            return ValueFault.NotUtf8;
        }

        Reserve(slot.Length);
        var length = slot.Length;
        var text = _to + FieldHeader;
        if (slot.Shape == Shape.EscapedText)
        {
            var fault = DecodeFault.None;
            length = (int)(StringDecoder.Decode(slot.Start, slot.Start + length, text, ref fault) - text);
            if (fault != DecodeFault.None)
            {
                return fault == DecodeFault.Zero ? ValueFault.Zero : ValueFault.LoneSurrogate;
            }
        }
        else
        {
            Copy(slot.Start, text, length);
        }

        if (length > most)
        {
            if (!truncate)
            {
                return ValueFault.TooLong;
            }

            length = CharacterBoundary(text, most);
        }

        WriteInt(length);
        _to += length;
        return ValueFault.None;
    }

    /// <summary>Copies whole vectors; both sides have room for one after the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(byte* from, byte* to, int length)
    {
        var at = 0;
        do
        {
            Vector256.Load(from + at).Store(to + at);
            at += Vector256<byte>.Count;
        }
        while (at < length);
    }

    private static int CharacterBoundary(byte* text, int length)
    {
        while (length > 0 && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return length;
    }

    private void Point()
    {
        _to = rows.Start + rows.Length;
        _limit = rows.Start + rows.Capacity;
    }

    /// <summary>Makes sure a text of this length fits with all the numbers that may follow it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int bytes)
    {
        var needed = bytes + ((_columns.Length + 3) * LongestNumber);
        if (_limit - _to < needed)
        {
            Grow(needed);
        }
    }

    private void Grow(int needed)
    {
        // The row begun is content too while the buffer moves.
        var complete = rows.Length;
        var used = (int)(_to - rows.Start);
        rows.Length = used;
        rows.Resize(Math.Max(rows.Capacity * 2, used + needed));
        rows.Length = complete;
        _to = rows.Start + used;
        _limit = rows.Start + rows.Capacity;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteShort(short value)
    {
        Unsafe.WriteUnaligned(_to, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _to += sizeof(short);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteInt(int value)
    {
        Unsafe.WriteUnaligned(_to, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _to += sizeof(int);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteLong(long value)
    {
        Unsafe.WriteUnaligned(_to, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        _to += sizeof(long);
    }
}
