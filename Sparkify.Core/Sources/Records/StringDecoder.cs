using System.Numerics;
using System.Runtime.Intrinsics;

namespace Sparkify.Core.Sources.Records;

/// <summary>What a text's escapes turned out to be.</summary>
internal enum DecodeFault
{
    None,

    /// <summary><c>\u0000</c>, which PostgreSQL and Redshift cannot store.</summary>
    Zero,

    /// <summary>Half of a surrogate pair without its other half.</summary>
    LoneSurrogate,
}

/// <summary>Resolves a JSON text's escapes into UTF-8. The text has been checked to be well formed.</summary>
internal static unsafe class StringDecoder
{
    /// <summary>
    /// Writes the text without its escapes and answers where it ends. Both sides need room for a vector (<see cref="JsonScan.Slack"/>)
    /// after their last byte; the result is never longer than the text.
    /// </summary>
    public static byte* Decode(byte* p, byte* end, byte* to, ref DecodeFault fault)
    {
        while (p < end)
        {
            var text = Vector256.Load(p);
            text.Store(to);
            var mask = Vector256.Equals(text, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
            var plain = mask == 0 ? Vector256<byte>.Count : BitOperations.TrailingZeroCount(mask);
            if (p + plain >= end)
            {
                return to + (end - p);
            }

            p += plain;
            to += plain;
            if (mask != 0)
            {
                Escape(ref p, ref to, ref fault);
            }
        }

        return to;
    }

    /// <summary>A short text without its escapes, or none when it is no Unicode.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        var from = new byte[text.Length + JsonScan.Slack];
        var to = new byte[text.Length + JsonScan.Slack];
        text.CopyTo(from);
        var fault = DecodeFault.None;
        fixed (byte* source = from, target = to)
        {
            var length = (int)(Decode(source, source + text.Length, target, ref fault) - target);
            return fault == DecodeFault.LoneSurrogate ? null : to[..length];
        }
    }

    private static void Escape(ref byte* p, ref byte* to, ref DecodeFault fault)
    {
        var kind = p[1];
        p += 2;
        if (kind != 'u')
        {
            *to++ = kind switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => kind,
            };
            return;
        }

        var unit = Hex(p);
        p += 4;
        if (char.IsHighSurrogate((char)unit) && p[0] == '\\' && p[1] == 'u' && char.IsLowSurrogate((char)Hex(p + 2)))
        {
            unit = char.ConvertToUtf32((char)unit, (char)Hex(p + 2));
            p += 6;
        }

        if (unit == 0)
        {
            fault = DecodeFault.Zero;
        }
        else if (unit is >= 0xD800 and <= 0xDFFF)
        {
            fault = DecodeFault.LoneSurrogate;
            return;
        }

        to += new System.Text.Rune(unit).EncodeToUtf8(new Span<byte>(to, 4));
    }

    private static int Hex(byte* p) => (Digit(p[0]) << 12) | (Digit(p[1]) << 8) | (Digit(p[2]) << 4) | Digit(p[3]);

    private static int Digit(byte hex) => hex <= '9' ? hex - '0' : (hex & 0x0F) + 9;
}
