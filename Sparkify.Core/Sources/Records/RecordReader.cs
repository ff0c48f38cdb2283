using System.Runtime.CompilerServices;
using System.Text;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Records;

/// <summary>A record as it stands in a file.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Offset">The byte it begins at, in the file's uncompressed form.</param>
/// <param name="Bytes">The record; these are the reader's own and change when it goes on.</param>
/// <param name="Reject">Why a load would not stage it.</param>
internal readonly record struct FileRecord(long Line, long Offset, ReadOnlyMemory<byte> Bytes, StagingReject? Reject)
{
    /// <summary>Why it is no record at all, whatever its values.</summary>
    public string? Problem => Reject is { Column: null } broken ? broken.Reason : null;

    /// <summary>Its text, cut after so many characters.</summary>
    public string Text(int most)
    {
        // At most four bytes to a character, so a long record need not be decoded as a whole.
        var text = Encoding.UTF8.GetString(Bytes.Span[..Math.Min(Bytes.Length, most * 4)]).TrimEnd();
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, most), "…");
    }
}

/// <summary>
/// A file's records one by one, for looking at, as the parser of a load finds them; a file of any length takes the same memory.
/// </summary>
internal sealed class RecordReader
{
    private const int Chunk = 64 * 1024;

    private readonly NumberedFile _file;
    private readonly Stream _content;
    private readonly SegmentParser _parser;
    private readonly PinnedBuffer _buffer = new(Chunk);
    private (long Line, long Offset, bool InBadLine, FileLayout Layout) _at = (1, 0, false, FileLayout.Unknown);

    private RecordReader(SourceFile file, Stream content, SegmentParser parser) =>
        (_file, _content, _parser) = (new NumberedFile(0, file), content, parser);

    /// <summary>A parser for reading; it counts what differs over all files it is used for.</summary>
    public static SegmentParser NewParser(RecordRules rules) => new(rules, Chunk) { OneByOne = true };

    /// <summary>Every record of a file. Throws <see cref="InvalidDataException"/> when it should be gzip and is not.</summary>
    public static async IAsyncEnumerable<FileRecord> ReadAsync(
        ISource source, SourcePart part, SourceFile file, SegmentParser parser, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var content = await MayHang.RunAsync(
            async () => await WholeGzip.UnpackAsync(file.Name, await source.OpenAsync(part, file, 0, ct), ct), ct);
        var reader = new RecordReader(file, content, parser);
        for (var last = false; !last;)
        {
            last = await reader.FillAsync(ct);
            for (var end = reader.Parse(last); ; end = reader.GoOn())
            {
                if (reader.Last is { } record)
                {
                    yield return record;
                }

                if (end != SegmentEnd.Stopped)
                {
                    reader.Keep(end);
                    break;
                }
            }
        }
    }

    // A record that is not whole is looked at again from its beginning: so the buffer is filled first.
    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_buffer.Room.IsEmpty)
        {
            _buffer.Resize(_buffer.Capacity * 2);
        }

        var room = _buffer.Room;
        var count = await _content.ReadAtLeastAsync(room, room.Length, throwOnEndOfStream: false, ct).AsTask().WaitAsync(ct);
        _buffer.Length += count;
        _buffer.Terminate();
        return count < room.Length;
    }

    private unsafe SegmentEnd Parse(bool last)
    {
        _parser.Reset();
        return _parser.Parse(new Segment
        {
            Start = _buffer.Start,
            End = _buffer.Start + _buffer.Length,
            File = _file,
            Line = _at.Line,
            Offset = _at.Offset,
            IsLast = last,
            InBadLine = _at.InBadLine,
            Layout = _at.Layout,
        });
    }

    private SegmentEnd GoOn()
    {
        _parser.Reset();
        return _parser.GoOn();
    }

    /// <summary>The record that was just parsed; none between two stretches.</summary>
    private unsafe FileRecord? Last
    {
        get
        {
            if (_parser.RowCount + _parser.Rejects.Count == 0)
            {
                return null;
            }

            var start = (int)(_parser.Record - _buffer.Start);
            var bytes = _buffer.Content[start..(int)(_parser.Position - _buffer.Start)];
            var line = _parser.Line - bytes.Span.Count((byte)'\n');
            return new FileRecord(line, _at.Offset + start, bytes, _parser.Rejects.FirstOrDefault());
        }
    }

    /// <summary>Keeps what the next stretch begins with.</summary>
    private unsafe void Keep(SegmentEnd end)
    {
        var done = (int)(_parser.Position - _buffer.Start);
        _at = (_parser.Line, _at.Offset + done, end == SegmentEnd.InBadLine, _parser.Layout);
        _buffer.Content[done..].CopyTo(_buffer.Content);
        _buffer.Length -= done;
    }
}
