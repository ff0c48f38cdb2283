using System.Text.Unicode;
using Sparkify.Core.Star;

namespace Sparkify.Core.Sources.Records;

/// <summary>How a stretch of a file ended.</summary>
internal enum SegmentEnd
{
    /// <summary>Between two records.</summary>
    Clean,

    /// <summary>Inside a record: what is left has to be read again together with what follows.</summary>
    Open,

    /// <summary>Inside a line that is already rejected and of which nothing more is wanted.</summary>
    InBadLine,

    /// <summary>Too early, because there are too many bad records.</summary>
    Stopped,
}

/// <summary>A stretch of a file in memory, and what is known about its start.</summary>
internal unsafe struct Segment
{
    /// <summary>The first byte; the byte at <see cref="End"/> is zero.</summary>
    public byte* Start;
    public byte* End;
    public NumberedFile File;

    /// <summary>The line the first byte is on, from 1.</summary>
    public long Line;

    /// <summary>The first byte's place in the file.</summary>
    public long Offset;

    /// <summary>Whether the file ends here.</summary>
    public bool IsLast;

    /// <summary>Whether the first byte is inside a line that is already rejected.</summary>
    public bool InBadLine;

    /// <summary>How the file is laid out, as far as what comes before tells.</summary>
    public FileLayout Layout;
}

/// <summary>
/// Takes a stretch of a file apart into records: good ones become rows, bad ones rejects. Records are objects separated by white space.
/// What it does depends on the file alone and not on where stretches begin: when the answer lies beyond the end, it says so and is
/// called again with more.
/// </summary>
internal sealed unsafe class SegmentParser
{
    private const int RawCharacters = 4000;

    // Enough bytes for that many characters, so that the raw text does not depend on where the stretch ends.
    private const int RawBytes = RawCharacters * 4;

    private readonly StarTable _table;
    private readonly RecordParser _records;
    private readonly RowEncoder _encoder;
    private readonly KeyCounter _counter;
    private Segment _segment;
    private FileLayout _layout;
    private bool _mustCheck;

    public SegmentParser(RecordRules rules, int rowBytes)
    {
        Rows = new PinnedBuffer(rowBytes);
        _table = rules.Table;
        _counter = new KeyCounter(_table);
        _records = new RecordParser(rules.NewKeys(), _table.Columns.Count, _counter);
        _encoder = new RowEncoder(_table, rules.Truncate, Rows);
    }

    /// <summary>The rows of what was parsed since the last reset, as COPY takes them.</summary>
    public PinnedBuffer Rows { get; }

    /// <summary>How many rows these are.</summary>
    public int RowCount { get; private set; }

    /// <summary>The bad records met since the last reset.</summary>
    public List<StagingReject> Rejects { get; private set; } = [];

    /// <summary>Counts keys.</summary>
    public KeyCounter Counter => _counter;

    /// <summary>How many bad records there may be since the last reset before parsing stops.</summary>
    public int MaxRejects { get; init; } = int.MaxValue;

    /// <summary>Whether parsing stops after every record, for somebody who looks at each.</summary>
    public bool OneByOne { get; init; }

    /// <summary>Where the last record starts.</summary>
    public byte* Record { get; private set; }

    /// <summary>Where the last stretch's open record starts, or where it ended.</summary>
    public byte* Position { get; private set; }

    /// <summary>The line of <see cref="Position"/>.</summary>
    public long Line { get; private set; }

    /// <summary>How the file is laid out, as far as it was parsed.</summary>
    public FileLayout Layout => _layout;

    /// <summary>Starts a batch; what the last one left is forgotten.</summary>
    public void Reset()
    {
        Rows.Length = 0;
        RowCount = 0;
        Rejects = Rejects.Count == 0 ? Rejects : [];
    }

    /// <summary>Parses one stretch, adding to the rows and rejects.</summary>
    public SegmentEnd Parse(in Segment segment)
    {
        _segment = segment;
        _layout = segment.Layout;
        Position = segment.Start;
        Line = segment.Line;
        _mustCheck = !Utf8.IsValid(new ReadOnlySpan<byte>(segment.Start, (int)(segment.End - segment.Start)));
        return segment.InBadLine && !LeaveBadLine() ? SegmentEnd.InBadLine
            : segment.Offset == 0 && !SkipMark() ? SegmentEnd.Open
            : GoOn();
    }

    /// <summary>Parses on where it stopped.</summary>
    public SegmentEnd GoOn()
    {
        var end = _segment.End;
        var p = Position;
        var line = Line;
        var outcome = SegmentEnd.Clean;
        while (outcome == SegmentEnd.Clean)
        {
            for (; *p is (byte)'\n' or (byte)' ' or (byte)'\r' or (byte)'\t'; p++)
            {
                line += *p == '\n' ? 1 : 0;
            }

            if (p == end)
            {
                break;
            }

            var after = *p == '{' ? _records.Parse(p) : null;
            if (after != null && after - p <= RecordLimits.MaxBytes)
            {
                Record = p;
                Stage(p, after, line);
                line += _records.Newlines;
                p = after;
                outcome = Stops ? SegmentEnd.Stopped : outcome;
                if (_layout == FileLayout.Unknown)
                {
                    _layout = FileLayout.Objects;
                }

                continue;
            }

            if (_layout == FileLayout.Array && IsSeparator(*p))
            {
                p++; // told once, at the array's beginning
                continue;
            }

            Line = line;
            Position = p;
            outcome = Bad(p);
            p = Position;
            line = Line;
        }

        Position = p;
        Line = line;
        return outcome;
    }

    private void Stage(byte* p, byte* after, long line)
    {
        var mustCheck = _mustCheck && !Utf8.IsValid(new ReadOnlySpan<byte>(p, (int)(after - p)));
        var fault = _encoder.TryWrite(_records.Slots, _records.Seen, mustCheck, _segment.File.Id, line);
        if (fault == ValueFault.None && !mustCheck)
        {
            RowCount++;
            _counter.Staged(_records.Seen);
        }
        else if (fault == ValueFault.None)
        {
            // The bytes at fault are in a value nobody takes, or in a key. The row is good, but the record is not.
            Rows.Length = _encoder.LastRow;
            Reject(p, after, line, null, RejectReasons.NotUtf8);
        }
        else
        {
            var column = _table.Columns[_encoder.FailedColumn];
            Reject(p, after, line, column.Name, RejectReasons.Value(column, _records.Slots[_encoder.FailedColumn], fault));
        }
    }

    private bool Stops => OneByOne || Rejects.Count >= MaxRejects;

    private SegmentEnd Bad(byte* p)
    {
        if (_layout == FileLayout.Unknown && BeginsArray(p) is var begins)
        {
            if (begins == FileLayout.Unknown)
            {
                return SegmentEnd.Open;
            }

            _layout = begins;
            if (begins == FileLayout.Array)
            {
                return Separators(p, RejectReasons.Array);
            }
        }

        if (*p != '{')
        {
            return IsSeparator(*p) ? Separators(p, RejectReasons.Separator) : BadLine(p, RejectReasons.NoObject);
        }

        var fault = _records.Fault;
        var atHand = Math.Min(_segment.End - p, RecordLimits.MaxBytes);
        var whole = _segment.IsLast || _segment.End - p > RecordLimits.MaxBytes;
        if (_segment.End - p > RecordLimits.MaxBytes && (fault == null || fault - p >= RecordLimits.MaxBytes))
        {
            return BadLine(p, RejectReasons.TooLarge);
        }

        if (fault >= _segment.End && !_segment.IsLast)
        {
            return SegmentEnd.Open;
        }

        var found = Resync.FindEnd(p, p + atHand, out var after);
        if (found == Resync.Outcome.Undecided && !whole)
        {
            return SegmentEnd.Open;
        }

        var reason = fault >= _segment.End ? RejectReasons.Truncated
            : RejectReasons.Malformed(new ReadOnlySpan<byte>(p, (int)(_segment.End - p)), (int)(fault - p));
        return found == Resync.Outcome.Balanced ? BadTo(p, after, after, reason) : BadLine(p, reason);
    }

    /// <summary>Rejects the rest of the line.</summary>
    private SegmentEnd BadLine(byte* p, string reason)
    {
        var rest = new ReadOnlySpan<byte>(p, (int)(_segment.End - p));
        var length = rest.IndexOf((byte)'\n');
        if (length >= 0 || _segment.IsLast)
        {
            length = length < 0 ? rest.Length : length;
            return BadTo(p, p + rest[..length].TrimEnd((ReadOnlySpan<byte>)" \t\r"u8).Length, p + length, reason);
        }

        if (rest.Length < RawBytes)
        {
            return SegmentEnd.Open;
        }

        BadTo(p, _segment.End, _segment.End, reason);
        return Rejects.Count < MaxRejects ? SegmentEnd.InBadLine : SegmentEnd.Stopped;
    }

    private static bool IsSeparator(byte one) => one is (byte)',' or (byte)'[' or (byte)']';

    /// <summary>Whether an array of objects begins at the file's first character; unknown when there is too little text to say.</summary>
    private FileLayout BeginsArray(byte* p)
    {
        if (*p != '[')
        {
            return FileLayout.Objects;
        }

        var layout = FileForm.LayoutOf(new ReadOnlySpan<byte>(p, (int)(_segment.End - p)));
        return layout == FileLayout.Unknown && _segment.IsLast ? FileLayout.Objects : layout;
    }

    /// <summary>Rejects a run of commas and square brackets between records; the record after it is read as usual.</summary>
    private SegmentEnd Separators(byte* p, string reason)
    {
        var most = p + RawCharacters;
        var end = p;
        var after = p;
        for (; *after is (byte)',' or (byte)'[' or (byte)']' or (byte)' ' or (byte)'\t' && after < most; after++)
        {
            end = *after is (byte)' ' or (byte)'\t' ? end : after + 1;
        }

        return after == _segment.End && !_segment.IsLast ? SegmentEnd.Open : BadTo(p, end, after, reason);
    }

    private SegmentEnd BadTo(byte* p, byte* end, byte* after, string reason)
    {
        Record = p;
        Reject(p, end, Line, null, reason);
        Line += new ReadOnlySpan<byte>(p, (int)(after - p)).Count((byte)'\n');
        Position = after;
        return Stops ? SegmentEnd.Stopped : SegmentEnd.Clean;
    }

    private void Reject(byte* p, byte* end, long line, string? column, string reason) => Rejects.Add(new StagingReject(
        _segment.File.File.Name, line, _segment.Offset + (p - _segment.Start), column, reason,
        SafeText.From(new ReadOnlySpan<byte>(p, (int)(end - p)), RawCharacters))
    {
        OfFile = ReferenceEquals(reason, RejectReasons.Array),
    });

    private bool LeaveBadLine()
    {
        var rest = new ReadOnlySpan<byte>(Position, (int)(_segment.End - Position));
        var length = rest.IndexOf((byte)'\n');
        Position += length < 0 ? rest.Length : length;
        return length >= 0 || _segment.IsLast;
    }

    /// <summary>Skips a byte order mark; false when there is too little text to say.</summary>
    private bool SkipMark()
    {
        var mark = "\uFEFF"u8;
        var start = new ReadOnlySpan<byte>(Position, (int)Math.Min(_segment.End - Position, mark.Length));
        if (start.SequenceEqual(mark))
        {
            Position += mark.Length;
        }

        return start.Length == mark.Length || _segment.IsLast || !mark.StartsWith(start);
    }
}
