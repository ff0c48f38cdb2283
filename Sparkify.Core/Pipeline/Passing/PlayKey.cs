using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>
/// The key of a play and the key its song is found by, as <c>Sql/Shared/songplays.sql</c> has them. Not for use by two threads.
/// </summary>
internal sealed class PlayKey : IDisposable
{
    private const int MostNumbers = 3 * 21;
    private static readonly int MostUser = StarSchema.StagingEvents.Columns.Single(static c => c.Name == "user_id").MaxBytes;

    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);

    /// <summary>The first 64 bits of the MD5 of session, item, milliseconds since 1970 and user, with bars between them.</summary>
    /// <param name="session">The session; empty for none. Numbers are in network order, as COPY has them.</param>
    /// <param name="item">The place in the session; empty for none.</param>
    /// <param name="time">Microseconds since 2000; empty for none.</param>
    /// <param name="user">The user's id; empty for none.</param>
    public long Of(ReadOnlySpan<byte> session, ReadOnlySpan<byte> item, ReadOnlySpan<byte> time, ReadOnlySpan<byte> user)
    {
        Span<byte> text = stackalloc byte[MostNumbers + MostUser];
        var length = 0;
        Add(text, ref length, session.IsEmpty ? null : BinaryPrimitives.ReadInt64BigEndian(session));
        Add(text, ref length, item.IsEmpty ? null : BinaryPrimitives.ReadInt32BigEndian(item));
        Add(text, ref length, time.IsEmpty ? null : Milliseconds(BinaryPrimitives.ReadInt64BigEndian(time)));
        user.CopyTo(text[length..]);
        _md5.AppendData(text[..(length + user.Length)]);
        Span<byte> digest = stackalloc byte[MD5.HashSizeInBytes];
        _md5.GetHashAndReset(digest);
        return BinaryPrimitives.ReadInt64BigEndian(digest);
    }

    /// <summary>A length in units of 10 microseconds; none when it is beyond any song's.</summary>
    public static long? OfDuration(ReadOnlySpan<byte> length) =>
        !length.IsEmpty && BinaryPrimitives.ReadDoubleBigEndian(length) is var seconds && Math.Abs(seconds) < 1e9
            ? (long)Math.Round(seconds * 100_000)
            : null;

    public void Dispose() => _md5.Dispose();

    // As the server computes date_part('epoch', ts) * 1000 and casts it: in doubles, and rounded to even.
    private static long Milliseconds(long microsecondsSince2000) =>
        (long)Math.Round((microsecondsSince2000 + NumberValue.MicrosecondsTo2000) / 1_000_000.0 * 1000);

    private static void Add(Span<byte> text, ref int length, long? number)
    {
        if (number is { } some)
        {
            Utf8Formatter.TryFormat(some, text[length..], out var written);
            length += written;
        }

        text[length++] = (byte)'|';
    }
}
