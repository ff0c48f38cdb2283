using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sparkify.Core.Common.Csv;

/// <summary>
/// CSV of RFC 4180 in UTF-8, through one buffer. A cell without a value is nothing between its commas, an empty text is <c>""</c>. For
/// Excel the file begins with a byte order mark and texts are guarded (<see cref="FormulaGuard"/>); else nothing is altered.
/// </summary>
internal sealed class CsvWriter
{
    private const int Full = 64 * 1024;
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private readonly Stream _output;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Full);
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly FormulaGuard? _guard;
    private bool _first = true;

    public CsvWriter(Stream output, bool forExcel)
    {
        _output = output;
        if (forExcel)
        {
            _guard = new FormulaGuard();
            Raw("\uFEFF");
        }
    }

    /// <summary>
    /// A line that tells about the file: it begins with <c>#</c>. Programs that skip such lines expect them unquoted; in a spreadsheet each
    /// is one cell, whatever separators are in it.
    /// </summary>
    public void Note(string text)
    {
        var line = $"# {text.ReplaceLineEndings(" ").Replace('"', '\'')}";
        if (_guard is null)
        {
            Raw(line);
        }
        else
        {
            Text(line);
            _first = true;
        }

        Raw("\r\n");
    }

    /// <summary>A cell of text.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        // An empty text is told from no value, and the first cell of a row from a note.
        var quoted = text.Length == 0 || text.IndexOfAny(Special) >= 0 || (_guard is null && text[0] == '#');
        Separate();
        _guard?.Begin();
        Raw(quoted ? "\"" : "");
        Piece(text);
        Raw(quoted ? "\"" : "");
    }

    /// <summary>Begins a cell of text that comes in pieces.</summary>
    public void BeginLong()
    {
        Separate();
        _guard?.Begin();
        Raw("\"");
    }

    /// <summary>A piece of such a cell.</summary>
    public void Piece(ReadOnlySpan<char> text)
    {
        if (_guard is null)
        {
            Escaped(text);
            return;
        }

        while (text.Length > 0)
        {
            var (harmless, apostrophe) = _guard.Next(text);
            Escaped(text[..harmless]);
            Raw(apostrophe ? "'" : "");
            text = text[harmless..];
        }
    }

    /// <summary>Ends it.</summary>
    public void EndLong() => Raw("\"");

    /// <summary>A cell of any value, in the shape of its type.</summary>
    /// <param name="value">The value; none is a cell with nothing in it.</param>
    /// <param name="type">Its type in SQL.</param>
    public void Cell(object? value, string type)
    {
        switch (value)
        {
            case null:
                Nothing();
                break;
            case string text:
                Text(text);
                break;
            case DateTime day when type == "date":
                Number(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case DateTime moment:
                Number(moment.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture));
                break;
            case DateOnly day:
                Number(day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case bool yes:
                Number(yes ? "t" : "f");
                break;
            case double number:
                Number(number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e')); // as the server writes it
                break;
            case IFormattable number:
                Number(number.ToString(format: null, CultureInfo.InvariantCulture));
                break;
            default:
                Text(value.ToString());
                break;
        }
    }

    /// <summary>A cell without a value.</summary>
    public void Nothing() => Separate();

    /// <summary>A cell that is known to hold nothing a spreadsheet would compute, such as a number.</summary>
    public void Number(ReadOnlySpan<char> text)
    {
        Separate();
        Raw(text);
    }

    /// <summary>
    /// A moment as the server writes it, with exactly three digits behind its second; what has no clock time in it (infinity) stays.
    /// </summary>
    public void Moment(ReadOnlySpan<char> text)
    {
        Separate();
        var end = text.IndexOf(' ') + "HH:MM:SS".Length + 1;
        if (end > text.Length || end < "YYYY-MM-DD HH:MM:SS".Length)
        {
            Raw(text);
            return;
        }

        var rest = text[end..];
        var fraction = ReadOnlySpan<char>.Empty;
        if (rest.StartsWith("."))
        {
            var digits = rest[1..].IndexOfAnyExceptInRange('0', '9');
            fraction = digits < 0 ? rest[1..] : rest[1..(digits + 1)];
            rest = rest[(fraction.Length + 1)..];
        }

        Raw(text[..end]);
        Raw(".");
        Raw(fraction[..Math.Min(fraction.Length, 3)]);
        Raw("000".AsSpan(Math.Min(fraction.Length, 3)));
        Raw(rest);
    }

    /// <summary>Ends the row, and hands on what has gathered when it is much.</summary>
    public ValueTask EndRowAsync(CancellationToken ct)
    {
        Raw("\r\n");
        _first = true;
        return _buffer.WrittenCount < Full ? ValueTask.CompletedTask : FlushAsync(ct);
    }

    /// <summary>Hands on what has gathered.</summary>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        await _output.WriteAsync(_buffer.WrittenMemory, ct);
        _buffer.ResetWrittenCount();
    }

    private void Escaped(ReadOnlySpan<char> text)
    {
        while (text.IndexOf('"') is >= 0 and var quote)
        {
            Raw(text[..(quote + 1)]);
            Raw("\"");
            text = text[(quote + 1)..];
        }

        Raw(text);
    }

    private void Separate()
    {
        if (!_first)
        {
            Raw(",");
        }

        _first = false;
    }

    // One encoder for all: a piece may end between the two halves of a character.
    private void Raw(ReadOnlySpan<char> text) => _encoder.Convert(text, _buffer, flush: false, out _, out _);
}
