using System.Runtime.CompilerServices;

namespace Sparkify.Core.Sources.Records;

/// <summary>Goes over whole objects and arrays nobody looks into; without recursion, because the depth is the input's choice.</summary>
internal static unsafe class CompositeScan
{
    /// <summary>
    /// The position after the object or array that opens at <paramref name="p"/>, inside <paramref name="depth"/> others.
    /// </summary>
    [SkipLocalsInit]
    public static byte* Skip(byte* p, int depth, ref int newlines, ref byte* fault)
    {
        var open = stackalloc bool[RecordLimits.MaxDepth];
        var level = -1;
        while (p != null)
        {
            if (*p is (byte)'{' or (byte)'[')
            {
                if (++level + depth >= RecordLimits.MaxDepth)
                {
                    break;
                }

                // True for an object, false for an array.
                open[level] = *p == '{';
                p = JsonScan.SkipSpace(p + 1, ref newlines);
                if (*p != Closing(open[level]))
                {
                    p = open[level] ? Key(p, ref newlines, ref fault) : p;
                    continue;
                }
            }
            else
            {
                p = Scalar(p, ref fault);
                if (p == null)
                {
                    return null;
                }
            }

            p = AfterValue(p, open, ref level, ref newlines, ref fault);
            if (level < 0)
            {
                return p;
            }
        }

        if (p != null)
        {
            fault = p;
        }

        return null;
    }

    /// <summary>Closes what closes after a value, then stands at the next value.</summary>
    private static byte* AfterValue(byte* p, bool* open, ref int level, ref int newlines, ref byte* fault)
    {
        while (true)
        {
            p = JsonScan.SkipSpace(p, ref newlines);
            if (*p == ',')
            {
                p = JsonScan.SkipSpace(p + 1, ref newlines);
                return open[level] ? Key(p, ref newlines, ref fault) : p;
            }

            if (*p != Closing(open[level]))
            {
                fault = p;
                return null;
            }

            p++;
            if (--level < 0)
            {
                return p;
            }
        }
    }

    private static byte Closing(bool isObject) => isObject ? (byte)'}' : (byte)']';

    private static byte* Key(byte* p, ref int newlines, ref byte* fault)
    {
        if (*p == '"')
        {
            p = Text(p, ref fault);
            if (p == null)
            {
                return null;
            }

            p = JsonScan.SkipSpace(p, ref newlines);
            if (*p == ':')
            {
                return JsonScan.SkipSpace(p + 1, ref newlines);
            }
        }

        fault = p;
        return null;
    }

    private static byte* Text(byte* p, ref byte* fault)
    {
        var escaped = false;
        p = JsonScan.StringEnd(p + 1, ref escaped, ref fault);
        return p == null ? null : p + 1;
    }

    private static byte* Scalar(byte* p, ref byte* fault)
    {
        Number number = default;
        return *p == '"' ? Text(p, ref fault)
            : *p == '-' || (uint)(*p - '0') <= 9 ? JsonScan.Number(p, ref number, ref fault)
            : JsonScan.Word(p, out _, ref fault);
    }
}
