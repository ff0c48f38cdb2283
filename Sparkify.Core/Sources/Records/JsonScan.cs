using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Sparkify.Core.Sources.Records;

/// <summary>
/// The pieces of JSON (RFC 8259, strictly). Each takes a position and answers the position after the piece, or none with the place of
/// the fault. Text ends with a zero byte, which is legal nowhere, so nothing has to be compared with an end; vectors may read up to
/// <see cref="Slack"/> bytes further.
/// </summary>
internal static unsafe class JsonScan
{
    /// <summary>How many readable bytes every buffer has after its content's terminating zero.</summary>
    public const int Slack = 64;

    /// <summary>The closing quote of a string whose first character is at <paramref name="p"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* StringEnd(byte* p, ref bool escaped, ref byte* fault)
    {
        var mask = Specials(p);
        if (mask != 0)
        {
            var first = p + BitOperations.TrailingZeroCount(mask);
            if (*first == '"')
            {
                return first;
            }
        }

        return LongStringEnd(p, mask, ref escaped, ref fault);
    }

    /// <summary>The first byte at or after <paramref name="p"/> that is no white space; counts newlines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* SkipSpace(byte* p, ref int newlines) => *p > ' ' ? p : SkipSpaceSlowly(p, ref newlines);

    /// <summary>The end of a number, with its digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Number(byte* p, ref Number number, ref byte* fault)
    {
        number.Negative = *p == '-';
        p += number.Negative ? 1 : 0;
        ulong digits = 0;
        var first = p;
        var digit = (uint)(*p - '0');
        if (digit > 9)
        {
            fault = p;
            return null;
        }

        p++;
        if (digit != 0)
        {
            digits = digit;
            for (; (digit = (uint)(*p - '0')) <= 9; p++)
            {
                digits = (digits * 10) + digit;
            }
        }

        var count = (int)(p - first);
        number.Exponent = 0;
        if (*p is (byte)'.' or (byte)'e' or (byte)'E')
        {
            p = Fraction(p, ref digits, ref count, ref number.Exponent, ref fault);
        }

        number.Digits = digits;
        number.Exact = count <= 19;
        return p;
    }

    /// <summary>The end of <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public static byte* Word(byte* p, out Shape shape, ref byte* fault)
    {
        var word = *p switch { (byte)'t' => "true"u8, (byte)'f' => "false"u8, (byte)'n' => "null"u8, _ => default };
        shape = *p switch { (byte)'t' => Shape.True, (byte)'f' => Shape.False, _ => Shape.Null };
        for (var at = 0; at < word.Length; at++, p++)
        {
            if (*p != word[at])
            {
                fault = p;
                return null;
            }
        }

        if (word.Length == 0)
        {
            fault = p;
            return null;
        }

        return p;
    }

    /// <summary>How many bytes the escape at a backslash takes, or 0 with the place of the fault.</summary>
    public static int EscapeLength(byte* backslash, ref byte* fault)
    {
        switch (backslash[1])
        {
            case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t':
                return 2;
            case (byte)'u':
                for (var at = 2; at < 6; at++)
                {
                    if (!char.IsAsciiHexDigit((char)backslash[at]))
                    {
                        fault = backslash + at;
                        return 0;
                    }
                }

                return 6;
            default:
                fault = backslash + 1;
                return 0;
        }
    }

    private static byte* LongStringEnd(byte* p, uint mask, ref bool escaped, ref byte* fault)
    {
        while (true)
        {
            var step = Vector256<byte>.Count;
            while (mask != 0)
            {
                var at = BitOperations.TrailingZeroCount(mask);
                if (p[at] == '"')
                {
                    return p + at;
                }

                if (p[at] != '\\')
                {
                    fault = p + at;
                    return null;
                }

                escaped = true;
                var length = EscapeLength(p + at, ref fault);
                if (length == 0)
                {
                    return null;
                }

                // What the escape covers is no end of the string; it may reach beyond this vector.
                at += length;
                mask = at < Vector256<byte>.Count ? mask & (uint.MaxValue << at) : 0;
                step = Math.Max(step, at);
            }

            p += step;
            mask = Specials(p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Specials(byte* p)
    {
        var text = Vector256.Load(p);
        return (Vector256.Equals(text, Vector256.Create((byte)'"')) | Vector256.Equals(text, Vector256.Create((byte)'\\')) |
            Vector256.LessThan(text, Vector256.Create((byte)' '))).ExtractMostSignificantBits();
    }

    private static byte* SkipSpaceSlowly(byte* p, ref int newlines)
    {
        for (; *p is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'; p++)
        {
            newlines += *p == '\n' ? 1 : 0;
        }

        return p;
    }

    private static byte* Fraction(byte* p, ref ulong digits, ref int count, ref int exponent, ref byte* fault)
    {
        if (*p == '.')
        {
            var first = ++p;
            uint digit;
            for (; (digit = (uint)(*p - '0')) <= 9; p++)
            {
                digits = (digits * 10) + digit;
            }

            if (p == first)
            {
                fault = p;
                return null;
            }

            count += (int)(p - first);
            exponent = -(int)(p - first);
        }

        return *p is (byte)'e' or (byte)'E' ? Exponent(p + 1, ref exponent, ref fault) : p;
    }

    private static byte* Exponent(byte* p, ref int exponent, ref byte* fault)
    {
        var negative = *p == '-';
        p += *p is (byte)'-' or (byte)'+' ? 1 : 0;
        var first = p;
        var power = 0;
        for (uint digit; (digit = (uint)(*p - '0')) <= 9; p++)
        {
            // Far beyond what any digits could make up for, and far from overflowing.
            power = Math.Min((power * 10) + (int)digit, 100_000_000);
        }

        if (p == first)
        {
            fault = p;
            return null;
        }

        exponent += negative ? -power : power;
        return p;
    }
}
