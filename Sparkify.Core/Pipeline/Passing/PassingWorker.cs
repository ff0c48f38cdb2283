using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Passing;

/// <summary>What one worker makes of its events, or gathers of them, while it has them in hand. Not for use by two threads.</summary>
internal sealed class PassingWorker(InPassing all, PlayEncoder? plays, UserEvents users, Moments moments) : IDisposable
{
    // A batch of nothing but short records makes many more bytes of plays than it has; that much memory is not kept for long.
    private const int UsualPlayBytes = 4 * 1024 * 1024;

    private static readonly int Page = EventFields.At("page"), Time = EventFields.At("ts");
    private static readonly byte[] PlayPage = System.Text.Encoding.UTF8.GetBytes(StarSchema.PlayPage);

    private readonly EventFields _fields = new();

    /// <summary>What users are built from.</summary>
    public UserEvents Users => users;

    /// <summary>When something was played.</summary>
    public Moments Moments => moments;

    /// <summary>Takes whole rows of events, and sends the plays of them.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask TakeAsync(ReadOnlyMemory<byte> rows, CancellationToken ct)
    {
        Take(rows.Span);
        if (plays is { Rows.Length: > 0 })
        {
            await all.SendAsync(plays.Rows.Content, ct);
            plays.Clear(UsualPlayBytes);
        }
    }

    public void Dispose() => plays?.Dispose();

    private void Take(ReadOnlySpan<byte> rows)
    {
        for (var at = 0; at < rows.Length;)
        {
            var start = at;
            at = _fields.Read(rows, at);
            var isPlay = _fields.Value(rows, Page).SequenceEqual(PlayPage);
            users.See(rows, _fields, isPlay);
            if (!isPlay)
            {
                continue;
            }

            plays?.Add(rows, _fields, at - start);
            if (!_fields.IsNull(Time))
            {
                moments.Add(BinaryPrimitives.ReadInt64BigEndian(_fields.Value(rows, Time)));
            }
        }
    }
}
