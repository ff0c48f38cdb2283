using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sparkify.Simulator.DataPlane.Wire;

/// <summary>Reads the fields of a message's body in order.</summary>
internal ref struct PgReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte()
    {
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public int Int16()
    {
        var value = BinaryPrimitives.ReadInt16BigEndian(_rest);
        _rest = _rest[2..];
        return value;
    }

    public int Int32()
    {
        var value = BinaryPrimitives.ReadInt32BigEndian(_rest);
        _rest = _rest[4..];
        return value;
    }

    public ReadOnlySpan<byte> Bytes(int length)
    {
        var value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    /// <summary>Text up to its zero byte.</summary>
    public string Text()
    {
        var end = _rest.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? _rest : _rest[..end]);
        _rest = end < 0 ? [] : _rest[(end + 1)..];
        return text;
    }
}

/// <summary>Builds a message's body.</summary>
internal sealed class PgBody
{
    private readonly ArrayBufferWriter<byte> _bytes = new(64);

    public PgBody Byte(byte value) => Bytes([value]);

    public PgBody Int32(int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
        return this;
    }

    /// <summary>Text and its zero byte.</summary>
    public PgBody Text(string value) => Bytes(Encoding.UTF8.GetBytes(value)).Byte(0);

    public PgBody Bytes(ReadOnlySpan<byte> value)
    {
        _bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();
}
