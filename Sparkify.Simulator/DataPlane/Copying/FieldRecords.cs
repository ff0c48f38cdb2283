namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>Cuts a stream into its lines; a line may end within quotes of CSV, or behind a backslash where that escapes.</summary>
internal sealed class FieldRecords(Stream stream, FieldForm form) : ICopyRecords
{
    private const int LargestRecord = 4 * 1024 * 1024;

    private byte[] _buffer = new byte[256 * 1024];
    private int _from, _to;
    private bool _ended, _started;

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
            for (var header = 0; header < form.IgnoreHeader && await LineAsync(ct) is not null; header++)
            {
                // Not a record.
            }
        }

        while (await LineAsync(ct) is { } record)
        {
            if (!form.IgnoreBlankLines || record.Problem is not null || !record.Bytes.Span.IsEmpty)
            {
                return record;
            }
        }

        return null;
    }

    private async ValueTask<CopyRecord?> LineAsync(CancellationToken ct)
    {
        var (at, quoted, newLines) = (0, false, 0);
        while (true)
        {
            for (; _from + at < _to; at++)
            {
                var b = _buffer[_from + at];
                if (form.Csv && b == form.Quote)
                {
                    quoted = !quoted;
                }
                else if (form.Escape && b == '\\')
                {
                    // The next is taken as it is, whether it has come yet or not.
                    if (_from + at + 1 >= _to && !_ended)
                    {
                        break;
                    }

                    newLines += _from + at + 1 < _to && _buffer[_from + at + 1] == '\n' ? 1 : 0;
                    at++;
                }
                else if (b == '\n' && !quoted)
                {
                    return Take(at, at + 1, newLines + 1);
                }
                else if (b == '\n')
                {
                    newLines++;
                }
            }

            if (at > LargestRecord)
            {
                var cut = _to - _from;
                return Take(cut, cut, newLines) with { Problem = "The record is larger than the limit of 4 MB." };
            }

            if (!await MoreAsync(ct))
            {
                return _from < _to ? Take(_to - _from, _to - _from, newLines + 1) : null;
            }
        }
    }

    private CopyRecord Take(int length, int taken, int lines)
    {
        var end = length > 0 && _buffer[_from + length - 1] == '\r' ? length - 1 : length;
        var record = new CopyRecord(_buffer.AsMemory(_from, end), Lines + lines, null);
        (_from, Lines) = (_from + taken, Lines + lines);
        return record;
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
        return read > 0;
    }
}
