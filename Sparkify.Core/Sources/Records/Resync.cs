namespace Sparkify.Core.Sources.Records;

/// <summary>
/// Where a record that is no JSON ends. Its braces and quotes are followed without judging what stands between them: when they balance, the
/// record ends there; when they cannot, it is the line it starts on, and what follows on the next line is read again as a record of its
/// own.
/// They cannot balance when a line ends inside a string, when brackets do not pair, or when a later line starts with a brace where JSON
/// allows no object: that line is the next record.
/// </summary>
internal static unsafe class Resync
{
    /// <summary>What came of looking for the end.</summary>
    internal enum Outcome
    {
        Balanced,
        Unbalanced,

        /// <summary>The text at hand ends too early to say.</summary>
        Undecided,
    }

    /// <summary>
    /// Looks for the end of the object at <paramref name="start"/>; <paramref name="end"/> is the end of the text at hand.
    /// </summary>
    public static Outcome FindEnd(byte* start, byte* end, out byte* after)
    {
        var open = stackalloc byte[RecordLimits.MaxDepth];
        var level = -1;
        byte before = 0;
        var lineStart = false;
        after = null;
        for (var p = start; p < end; p++)
        {
            switch (*p)
            {
                case (byte)'\n':
                    lineStart = true;
                    continue;
                case (byte)' ' or (byte)'\t' or (byte)'\r':
                    continue;
                case (byte)'"':
                    p = StringEnd(p + 1, end);
                    if (p >= end)
                    {
                        return Outcome.Undecided;
                    }

                    if (*p == '\n')
                    {
                        return Outcome.Unbalanced;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    var allowed = before is (byte)':' or (byte)'[' || (before == ',' && open[level] == '[');
                    if ((*p == '{' && lineStart && !allowed) || level + 1 == RecordLimits.MaxDepth)
                    {
                        return Outcome.Unbalanced;
                    }

                    open[++level] = *p;
                    break;
                case (byte)'}' or (byte)']':
                    if (open[level] != (*p == '}' ? '{' : '['))
                    {
                        return Outcome.Unbalanced;
                    }

                    if (--level < 0)
                    {
                        after = p + 1;
                        return Outcome.Balanced;
                    }

                    break;
                default:
                    break;
            }

            before = *p;
            lineStart = false;
        }

        return Outcome.Undecided;
    }

    /// <summary>The string's closing quote, the newline it runs into, or the end.</summary>
    private static byte* StringEnd(byte* p, byte* end)
    {
        for (; p < end && *p is not ((byte)'"' or (byte)'\n'); p++)
        {
            // An escaped quote is no end; an escaped newline still ends the line.
            p += *p == '\\' && p + 1 < end && p[1] != '\n' ? 1 : 0;
        }

        return p;
    }
}
