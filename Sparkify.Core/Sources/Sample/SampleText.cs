using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Sparkify.Core.Sources.Sample;

/// <summary>A line of text that is put together again and again without leaving garbage.</summary>
internal sealed class SampleText
{
    private readonly char[] _chars = new char[512];
    private int _length;

    public ReadOnlySpan<char> Span => _chars.AsSpan(0, _length);

    public SampleText Clear()
    {
        _length = 0;
        return this;
    }

    public SampleText Add(string text)
    {
        text.CopyTo(_chars.AsSpan(_length));
        _length += text.Length;
        return this;
    }

    public SampleText Upper()
    {
        for (var i = 0; i < _length; i++)
        {
            _chars[i] = char.ToUpperInvariant(_chars[i]);
        }

        return this;
    }

    /// <inheritdoc/>
    public override string ToString() => new(Span);
}

/// <summary>Writes JSON values as the real files have them, which no JSON writer does by default.</summary>
internal static class SampleJson
{
    private const string Hex = "0123456789abcdef";

    /// <summary>A text in quotes, all ASCII.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="slashes">Whether <c>/</c> is escaped, as the activity log does and the song files do not.</param>
    /// <param name="twiceEncoded">Whether letters beyond ASCII went through UTF-8 twice, a fault of the real log.</param>
    public static void Text(this ArrayBufferWriter<byte> to, ReadOnlySpan<char> text, bool slashes, bool twiceEncoded = false)
    {
        // At worst three UTF-8 bytes to a letter, each two bytes the second time, each of those six characters as an escape.
        var span = to.GetSpan((text.Length * 36) + 2);
        var n = 0;
        span[n++] = (byte)'"';
        foreach (var c in text)
        {
            if (c is '"' or '\\' || (c == '/' && slashes))
            {
                span[n++] = (byte)'\\';
                span[n++] = (byte)c;
            }
            else if (char.IsAscii(c))
            {
                span[n++] = (byte)c;
            }
            else if (twiceEncoded)
            {
                n += TwiceEncoded(c, span[n..]);
            }
            else
            {
                n += Escape(c, span[n..]);
            }
        }

        span[n++] = (byte)'"';
        to.Advance(n);
    }

    public static void Number(this ArrayBufferWriter<byte> to, long value)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(20), out var written);
        to.Advance(written);
    }

    /// <summary>A number given in hundred-thousandths, without zeros at its end.</summary>
    public static void Decimal(this ArrayBufferWriter<byte> to, int hundredThousandths)
    {
        var span = to.GetSpan(20);
        var n = 0;
        if (hundredThousandths < 0)
        {
            span[n++] = (byte)'-';
        }

        var (whole, rest) = Math.DivRem(Math.Abs(hundredThousandths), 100_000);
        Utf8Formatter.TryFormat(whole, span[n..], out var written);
        n += written;
        span[n++] = (byte)'.';
        for (var unit = 10_000; unit > 0; unit /= 10)
        {
            span[n++] = (byte)('0' + (rest / unit % 10));
            if (rest % unit == 0)
            {
                break;
            }
        }

        to.Advance(n);
    }

    private static int TwiceEncoded(char c, Span<byte> to)
    {
        Span<byte> once = stackalloc byte[4];
        Span<byte> twice = stackalloc byte[4];
        var n = 0;
        foreach (var b in once[..new Rune(c).EncodeToUtf8(once)])
        {
            foreach (var again in twice[..new Rune((char)b).EncodeToUtf8(twice)])
            {
                n += Escape((char)again, to[n..]);
            }
        }

        return n;
    }

    private static int Escape(char c, Span<byte> to)
    {
        to[0] = (byte)'\\';
        to[1] = (byte)'u';
        for (var i = 0; i < 4; i++)
        {
            to[2 + i] = (byte)Hex[(c >> (12 - (4 * i))) & 15];
        }

        return 6;
    }
}
