using System.Buffers;
using System.Buffers.Binary;

namespace Sparkify.Simulator.DataPlane.Wire;

/// <summary>One message of the PostgreSQL protocol; its body is valid until the next read of its stream.</summary>
internal readonly record struct PgMessage(char Type, ReadOnlyMemory<byte> Body)
{
    public PgMessage Kept() => new(Type, Body.ToArray());
}

/// <summary>
/// Frames of the PostgreSQL protocol 3.0 over a stream. Reading and writing may happen at the same time, each by one caller.
/// </summary>
internal sealed class PgStream(Stream stream) : IAsyncDisposable
{
    private const int LargestMessage = 256 * 1024 * 1024;
    private const int FlushAbove = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _out = new(FlushAbove * 2);
    private byte[] _in = new byte[FlushAbove];
    private int _from, _to;

    /// <summary>Whether a whole message can be read without waiting.</summary>
    public bool HasMessage => _to - _from >= 5 && _to - _from >= 1 + Length(_from + 1);

    /// <summary>Whether anything was read that nobody has asked for yet.</summary>
    public bool HasBytes => _to > _from;

    /// <summary>Whether enough is waiting to be sent that it should be.</summary>
    public bool ShouldFlush => _out.WrittenCount >= FlushAbove;

    /// <summary>The next message; none at the end of the stream.</summary>
    public async ValueTask<PgMessage?> ReadAsync(CancellationToken ct)
    {
        if (!await FillAsync(5, ct))
        {
            return null;
        }

        var length = Length(_from + 1);
        if (length is < 4 or > LargestMessage)
        {
            throw new InvalidDataException($"A message of {length} bytes.");
        }

        if (!await FillAsync(1 + length, ct))
        {
            return null;
        }

        var message = new PgMessage((char)_in[_from], _in.AsMemory(_from + 5, length - 4));
        _from += 1 + length;
        return message;
    }

    /// <summary>The body of a first packet, which has no type; none at the end of the stream.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadStartupAsync(CancellationToken ct)
    {
        if (!await FillAsync(4, ct) || Length(_from) is not (>= 8 and <= 10_000) || !await FillAsync(Length(_from), ct))
        {
            return null;
        }

        var length = Length(_from);
        var body = _in.AsMemory(_from + 4, length - 4).ToArray();
        _from += length;
        return body;
    }

    public void Write(char type, ReadOnlySpan<byte> body)
    {
        var span = _out.GetSpan(5 + body.Length);
        span[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], 4 + body.Length);
        body.CopyTo(span[5..]);
        _out.Advance(5 + body.Length);
    }

    /// <summary>Writes a packet without a type, or a single byte, as the start of a connection has them.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => _out.Write(bytes);

    public async ValueTask FlushAsync(CancellationToken ct)
    {
        if (_out.WrittenCount > 0)
        {
            await stream.WriteAsync(_out.WrittenMemory, ct);
            _out.ResetWrittenCount();
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private int Length(int at) => BinaryPrimitives.ReadInt32BigEndian(_in.AsSpan(at));

    private async ValueTask<bool> FillAsync(int wanted, CancellationToken ct)
    {
        while (_to - _from < wanted)
        {
            if (_from > 0)
            {
                _in.AsSpan(_from, _to - _from).CopyTo(_in);
                (_from, _to) = (0, _to - _from);
            }

            if (_in.Length < wanted)
            {
                Array.Resize(ref _in, Math.Max(wanted, _in.Length * 2));
            }

            var read = await stream.ReadAsync(_in.AsMemory(_to), ct);
            if (read == 0)
            {
                return false;
            }

            _to += read;
        }

        return true;
    }
}
