using System.Buffers.Binary;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>Where the values of a row of <c>staging_events</c> stand in the bytes that COPY takes. Not for use by two threads.</summary>
internal sealed class EventFields
{
    /// <summary>How many bytes tell the length of a value.</summary>
    public const int LengthBytes = sizeof(int);

    /// <summary>The length of no value.</summary>
    public const int Null = -1;

    private static readonly IReadOnlyList<StarColumn> Columns = StarSchema.StagingEvents.Columns;
    private static readonly int Count = Columns.Count + StarSchema.Origin.Count;

    private readonly int[] _starts = new int[Count];
    private readonly int[] _lengths = new int[Count];

    /// <summary>The place of a column.</summary>
    public static int At(string column) => Columns.Index().Single(c => c.Item.Name == column).Index;

    /// <summary>Finds the values of the row that begins here; gives where the next one begins.</summary>
    public int Read(ReadOnlySpan<byte> rows, int at)
    {
        at += sizeof(short);
        for (var field = 0; field < Count; field++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rows[at..]);
            at += LengthBytes;
            (_starts[field], _lengths[field]) = (at, length);
            at += Math.Max(length, 0);
        }

        return at;
    }

    /// <summary>Whether there is no value.</summary>
    public bool IsNull(int field) => _lengths[field] == Null;

    /// <summary>Whether there is a value that is not empty.</summary>
    public bool IsSome(int field) => _lengths[field] > 0;

    /// <summary>A value; empty for none.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> rows, int field) => rows.Slice(_starts[field], Math.Max(_lengths[field], 0));

    /// <summary>A value with its length before it, as it is sent.</summary>
    public ReadOnlySpan<byte> Sent(ReadOnlySpan<byte> rows, int field) =>
        rows.Slice(_starts[field] - LengthBytes, LengthBytes + Math.Max(_lengths[field], 0));
}
