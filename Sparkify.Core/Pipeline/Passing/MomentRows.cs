using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// Rows of the table of moments, as COPY takes them. Which column is which part stands in <see cref="StarSchema"/>; the result is what
/// <c>Sql/Shared/time.sql</c> would make.
/// </summary>
internal static class MomentRows
{
    private const long MicrosecondsInHour = 3_600_000_000;
    private const int PartBytes = sizeof(int) + sizeof(int);
    private const int KeyBytes = sizeof(int) + sizeof(long);

    private static readonly CalendarPart?[] Columns = [.. StarSchema.Time.Columns.Select(static c => c.Part)];

    /// <summary>The rows of moments: microseconds since 2000, in order. Each is there until the next is asked for.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Of(IEnumerable<long> moments)
    {
        var row = new byte[sizeof(short) + KeyBytes + ((Columns.Length - 1) * PartBytes)];
        BinaryPrimitives.WriteInt16BigEndian(row, (short)Columns.Length);
        long? lastHour = null;
        foreach (var moment in moments)
        {
            var sinceYear1 = moment + NumberValue.MicrosecondsTo2000 + (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond);
            var hour = sinceYear1 / MicrosecondsInHour;
            Write(row, moment, hour == lastHour ? null : new DateTime(sinceYear1 * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc));
            lastHour = hour;
            yield return row;
        }
    }

    // Within one hour all parts are the same.
    private static void Write(Span<byte> row, long moment, DateTime? parts)
    {
        var at = sizeof(short);
        foreach (var column in Columns)
        {
            if (column is not { } part)
            {
                BinaryPrimitives.WriteInt32BigEndian(row[at..], sizeof(long));
                BinaryPrimitives.WriteInt64BigEndian(row[(at + sizeof(int))..], moment);
                at += KeyBytes;
                continue;
            }

            if (parts is { } some)
            {
                BinaryPrimitives.WriteInt32BigEndian(row[at..], sizeof(int));
                BinaryPrimitives.WriteInt32BigEndian(row[(at + sizeof(int))..], Value(part, some));
            }

            at += PartBytes;
        }
    }

    private static int Value(CalendarPart part, DateTime moment) => part switch
    {
        CalendarPart.Hour => moment.Hour,
        CalendarPart.Day => moment.Day,
        CalendarPart.Week => ISOWeek.GetWeekOfYear(moment),
        CalendarPart.Month => moment.Month,
        CalendarPart.Year => moment.Year,
        CalendarPart.Weekday => moment.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)moment.DayOfWeek,
        _ => throw new UnreachableException($"Nothing gives the {part} of a moment."),
    };
}
