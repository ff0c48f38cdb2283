using System.Buffers;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>
/// Cuts a stream into its JSON objects, which white space alone may separate; after a broken one it goes on at the next line.
/// </summary>
internal sealed class JsonRecords(Stream stream) : ICopyRecords
{
    private const int LargestRecord = 4 * 1024 * 1024;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("{}[]\"\n"u8);
    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\\n"u8);

    private byte[] _buffer = new byte[256 * 1024];
    private int _from, _to;
    private bool _ended;
    private bool _started;

    /// <summary>Bytes taken from the stream so far.</summary>
    public long BytesRead { get; private set; }

    public long Lines { get; private set; }

    public async ValueTask<CopyRecord?> NextAsync(CancellationToken ct)
    {
        if (!_started)
        {
            _started = true;
            while (_to < 3 && await MoreAsync(ct))
            {
                // Until a byte order mark would be seen.
            }

            _from = _buffer.AsSpan(0, _to).StartsWith("\uFEFF"u8) ? 3 : 0;
        }

        if (!await SkipSpaceAsync(ct))
        {
            return null;
        }

        if (_buffer[_from] is not ((byte)'{' or (byte)'['))
        {
            return await BrokenAsync("Invalid value.", _from, ct);
        }

        var (at, depth, inText) = (_from, 0, false);
        while (true)
        {
            var found = _buffer.AsSpan(at, _to - at).IndexOfAny(inText ? InText : Structure);
            // A backslash whose companion has not come yet is looked at again.
            if (found < 0 || (_buffer[at + found] == '\\' && at + found + 1 >= _to))
            {
                at = found < 0 ? _to : at + found;
                if (_to - _from > LargestRecord)
                {
                    return await BrokenAsync("The record is larger than the limit of 4 MB.", _to, ct);
                }

                var scanned = at - _from;
                if (!await MoreAsync(ct))
                {
                    return await BrokenAsync("Invalid JSON: the record is not complete.", _from, ct);
                }

                at = _from + scanned;
                continue;
            }

            at += found;
            switch (_buffer[at++])
            {
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'\\':
                    at++;
                    break;
                case (byte)'\n' when inText:
                    return Take(at, "Invalid JSON: a line ends within a string.");
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)'}' or (byte)']':
                    if (--depth == 0)
                    {
                        return Take(at, null);
                    }

                    break;
            }
        }
    }

    private CopyRecord Take(int end, string? problem)
    {
        var bytes = _buffer.AsMemory(_from, end - _from);
        var newLines = bytes.Span.Count((byte)'\n');
        var record = new CopyRecord(bytes, Lines + newLines + (bytes.Span[^1] == '\n' ? 0 : 1), problem);
        Lines += newLines;
        _from = end;
        return record;
    }

    /// <summary>Gives the rest of a line up as a broken record.</summary>
    private async ValueTask<CopyRecord> BrokenAsync(string problem, int from, CancellationToken ct)
    {
        var scanned = from - _from;
        while (true)
        {
            var found = _buffer.AsSpan(_from + scanned, _to - _from - scanned).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return Take(_from + scanned + found + 1, problem);
            }

            scanned = _to - _from;
            if (!await MoreAsync(ct))
            {
                return Take(_to, problem);
            }
        }
    }

    private async ValueTask<bool> SkipSpaceAsync(CancellationToken ct)
    {
        while (true)
        {
            while (_from < _to && _buffer[_from] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                Lines += _buffer[_from++] == '\n' ? 1 : 0;
            }

            if (_from < _to)
            {
                return true;
            }

            if (!await MoreAsync(ct))
            {
                return false;
            }
        }
    }

    private async ValueTask<bool> MoreAsync(CancellationToken ct)
    {
        if (_ended)
        {
            return false;
        }

        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }

        if (_to == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_to), ct);
        _ended = read == 0;
        _to += read;
        BytesRead += read;
        return read > 0;
    }
}
