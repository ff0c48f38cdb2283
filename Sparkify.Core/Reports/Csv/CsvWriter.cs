using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sparkify.Core.Reports.Csv;

/// <summary>
/// CSV of RFC 4180 in UTF-8, through one buffer. Texts that begin as a formula does (= + - @, tab, line breaks) get an apostrophe before
/// them, so that no spreadsheet computes what came out of somebody's data; numbers stay numbers.
/// </summary>
internal sealed class CsvWriter(Stream output)
{
    private const int Full = 64 * 1024;
    private static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n");

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Full);
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private bool _first = true;

    /// <summary>
    /// A line that tells about the file: it begins with <c>#</c> and is never quoted, which programs that skip comments expect.
    /// </summary>
    public void Note(string text)
    {
        Raw("# ");
        Raw(text.ReplaceLineEndings(" ").Replace('"', '\''));
        Raw("\r\n");
    }

    /// <summary>A cell of text.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        Separate();
        var harmless = text.Length > 0 && IsFormula(text[0]) ? "'" : "";
        if (text.IndexOfAny(Special) < 0)
        {
            Raw(harmless);
            Raw(text);
            return;
        }

        Raw("\"");
        Raw(harmless);
        Piece(text);
        Raw("\"");
    }

    /// <summary>Begins a cell of text that comes in pieces; what its first character is decides whether it is made harmless.</summary>
    public void BeginLong(char first)
    {
        Separate();
        Raw(IsFormula(first) ? "\"'" : "\"");
    }

    /// <summary>A piece of such a cell.</summary>
    public void Piece(ReadOnlySpan<char> text)
    {
        while (text.IndexOf('"') is >= 0 and var quote)
        {
            Raw(text[..(quote + 1)]);
            Raw("\"");
            text = text[(quote + 1)..];
        }

        Raw(text);
    }

    /// <summary>Ends it.</summary>
    public void EndLong() => Raw("\"");

    /// <summary>A cell of any value; none is an empty cell.</summary>
    public void Cell(object? value)
    {
        switch (value)
        {
            case null:
                Separate();
                break;
            case string text:
                Text(text);
                break;
            case DateTime moment:
                Number(moment.TimeOfDay == TimeSpan.Zero
                    ? moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                    : moment.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture));
                break;
            case IFormattable number:
                Number(number.ToString(format: null, CultureInfo.InvariantCulture));
                break;
            default:
                Text(value.ToString());
                break;
        }
    }

    /// <summary>A cell that is known to hold nothing a spreadsheet would compute, such as a number.</summary>
    public void Number(ReadOnlySpan<char> text)
    {
        Separate();
        Raw(text);
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
        await output.WriteAsync(_buffer.WrittenMemory, ct);
        _buffer.ResetWrittenCount();
    }

    private static bool IsFormula(char first) => first is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n';

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
