using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// A stored gzip file as it is fed to <see cref="System.IO.Compression.GZipStream"/>, with a member of our own after it that tells whether
/// the file was whole. Zero bytes at its end are held back until it is known that nothing else follows them: tapes and block devices pad
/// with them, and gunzip takes no offence. They may also be the last bytes of the file itself, so they are fed all the same; where the
/// unpacking stops tells which it was.
/// </summary>
internal sealed class GzipInput(Stream stored) : ForwardStream
{
    private ReadOnlyMemory<byte> _epilogue = WholeGzip.Epilogue;
    private ReadOnlyMemory<byte> _next;
    private long _zeros, _zerosBehind;
    private bool _ended;
    private bool _fedTail;

    /// <summary>Whether the member that follows the file was asked for: what comes out from here on is its content.</summary>
    public bool InEpilogue { get; private set; }

    /// <summary>
    /// Whether what was fed last are zero bytes at the file's very end. When no more is asked for then, the file was whole before them.
    /// </summary>
    public bool InPadding => _fedTail && !InEpilogue;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (true)
        {
            if (_zeros > 0 && (_ended || !_next.IsEmpty))
            {
                return Zeros(buffer.Span);
            }

            if (!_next.IsEmpty)
            {
                return Next(buffer);
            }

            if (_ended)
            {
                return Epilogue(buffer);
            }

            if (await FillAsync(buffer, cancellationToken) is > 0 and var fed)
            {
                return fed;
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await stored.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Reads on; gives how much of it can be fed at once.</summary>
    private async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken ct)
    {
        var read = await stored.ReadAsync(buffer, ct);
        _ended = read == 0;
        var solid = buffer.Span[..read].LastIndexOfAnyExcept((byte)0) + 1;
        if (solid == 0 || _zeros == 0)
        {
            _zeros += read - solid;
            return solid;
        }

        // What was held back was no padding: it comes first.
        (_next, _zerosBehind) = (buffer[..solid].ToArray(), read - solid);
        return 0;
    }

    private int Next(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _next.Length);
        _next[..count].CopyTo(buffer);
        _next = _next[count..];
        if (_next.IsEmpty)
        {
            (_zeros, _zerosBehind) = (_zerosBehind, 0);
        }

        return count;
    }

    private int Zeros(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, _zeros);
        buffer[..count].Clear();
        _zeros -= count;
        _fedTail = _ended;
        return count;
    }

    private int Epilogue(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _epilogue.Length);
        _epilogue[..count].CopyTo(buffer);
        _epilogue = _epilogue[count..];
        InEpilogue = true;
        return count;
    }
}
