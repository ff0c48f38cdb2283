using System.Globalization;

namespace Sparkify.Core.Sources.Records;

/// <summary>Why a value does not fit its column.</summary>
internal enum ValueFault
{
    None,
    NotANumber,
    NotWhole,
    OutOfRange,
    TooLong,
    Zero,
    LoneSurrogate,
    NotUtf8,
    NoElement,
}

/// <summary>Turns JSON numbers into the columns' types, exactly.</summary>
internal static unsafe class NumberValue
{
    /// <summary>From 1970 to 2000, where PostgreSQL counts timestamps from.</summary>
    public const long MicrosecondsTo2000 = 946_684_800_000_000;

    // What .NET can show as well: the years 1 to 9999. PostgreSQL and Redshift would go on to 294276.
    private const long FirstMicrosecond = -62_135_596_800_000_000, LastMicrosecond = 253_402_300_799_999_999;

    private static readonly double[] Powers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>A whole number; <c>5.0</c> and <c>5e0</c> are whole as well.</summary>
    public static ValueFault Whole(in Number number, ReadOnlySpan<byte> text, out long value)
    {
        if (number is { Exact: true, Exponent: 0, Digits: <= long.MaxValue })
        {
            value = number.Negative ? -(long)number.Digits : (long)number.Digits;
            return ValueFault.None;
        }

        return Shifted(text, 0, truncate: false, out value);
    }

    /// <summary>Microseconds since 2000 (as PostgreSQL has timestamps), from milliseconds since 1970. What is finer is cut off.</summary>
    public static ValueFault Timestamp(in Number number, ReadOnlySpan<byte> text, out long value)
    {
        if (number is { Exact: true, Exponent: 0, Digits: <= LastMicrosecond / 1000 })
        {
            value = (number.Negative ? -(long)number.Digits : (long)number.Digits) * 1000;
        }
        else if (Shifted(text, 3, truncate: true, out value) is not ValueFault.None and var fault)
        {
            return fault;
        }

        if (value is < FirstMicrosecond or > LastMicrosecond)
        {
            return ValueFault.OutOfRange;
        }

        value -= MicrosecondsTo2000;
        return ValueFault.None;
    }

    /// <summary>The nearest double.</summary>
    public static ValueFault Double(in Number number, ReadOnlySpan<byte> text, out double value)
    {
        // Both the digits and the power are doubles exactly, so one division or multiplication rounds once, correctly.
        if (number is { Exact: true, Digits: <= 1UL << 53, Exponent: >= -22 and <= 22 })
        {
            value = number.Exponent < 0 ? number.Digits / Powers[-number.Exponent] : number.Digits * Powers[number.Exponent];
            value = number.Negative ? -value : value;
            return ValueFault.None;
        }

        return !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) ? ValueFault.NotANumber
            : double.IsFinite(value) ? ValueFault.None
            : ValueFault.OutOfRange;
    }

    /// <summary>A well-formed number of any length times 10^<paramref name="shift"/>, as a 64-bit integer.</summary>
    private static ValueFault Shifted(ReadOnlySpan<byte> text, int shift, bool truncate, out long value)
    {
        value = 0;
        var mark = text.IndexOfAny((byte)'e', (byte)'E');
        long exponent = mark < 0 ? 0 : Power(text[(mark + 1)..]);
        var mantissa = mark < 0 ? text : text[..mark];
        var negative = mantissa[0] == '-';
        mantissa = negative ? mantissa[1..] : mantissa;
        var point = mantissa.IndexOf((byte)'.');
        long whole = (point < 0 ? mantissa.Length : point) + exponent + shift;

        // Digits up to `whole` make the integer; those after it are its fraction.
        UInt128 sum = 0;
        long place = 0;
        foreach (var symbol in mantissa)
        {
            if (symbol == '.')
            {
                continue;
            }

            if (place++ < whole)
            {
                sum = (sum * 10) + (uint)(symbol - '0');
                if (sum > 1UL << 63)
                {
                    return ValueFault.OutOfRange;
                }
            }
            else if (symbol != '0' && !truncate)
            {
                return ValueFault.NotWhole;
            }
        }

        for (; place < whole && sum != 0; place++)
        {
            sum *= 10;
            if (sum > 1UL << 63)
            {
                return ValueFault.OutOfRange;
            }
        }

        if (sum == 1UL << 63 && !negative)
        {
            return ValueFault.OutOfRange;
        }

        value = negative ? (long)(0 - (ulong)sum) : (long)(ulong)sum;
        return ValueFault.None;
    }

    private static long Power(ReadOnlySpan<byte> text)
    {
        var negative = text[0] == '-';
        long power = 0;
        foreach (var symbol in text[(text[0] is (byte)'-' or (byte)'+' ? 1 : 0)..])
        {
            power = Math.Min((power * 10) + (symbol - '0'), 1_000_000_000);
        }

        return negative ? -power : power;
    }
}
