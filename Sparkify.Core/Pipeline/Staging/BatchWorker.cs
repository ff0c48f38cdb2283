using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>Turns batches into rows and sends them. Several share the batches, each with its own parser and connection.</summary>
internal sealed class BatchWorker(
    SegmentParser parser, WorkerSink sink, RejectSink rejects, FileOutcomes outcomes, StepProgress progress)
{
    // A batch of nothing but short records makes many more row bytes than it has; that much memory is not kept for long.
    private const int UsualRowBytes = 4 * 1024 * 1024;

    private readonly PinnedBuffer _joined = new(0);

    // Of the batch at hand, until it is known that it was parsed from the right place: how many rows and rejects there are after each part.
    private readonly List<(NumberedFile File, int Rows, int Rejects)> _parts = [];

    /// <summary>How many rows it has sent.</summary>
    public long Staged { get; private set; }

    /// <summary>Works until there are no more batches.</summary>
    public async Task RunAsync(ChannelReader<Batch> batches, Action<PinnedBuffer> giveBack, CancellationToken ct)
    {
        await foreach (var batch in batches.ReadAllAsync(ct))
        {
            await ParseAsync(batch, ct);
            giveBack(batch.Buffer);
            await HandOverAsync(ct);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ParseAsync(Batch batch, CancellationToken ct)
    {
        var (first, last) = (batch.Parts[0], batch.Parts[^1]);
        Leftover? rest = null;
        if (first.Before is null || first.StartsRecord)
        {
            rest = Parse(batch, null);
        }

        if (first.Before is not null && await first.Before.GetAsync(ct) is var leftover && (!first.StartsRecord || !leftover.IsNothing))
        {
            // The cut before this batch was no boundary after all (or was not taken for one).
            parser.Counter.EndBatch(accepted: false);
            rest = Parse(batch, leftover);
        }

        parser.Counter.EndBatch(accepted: true);
        last.After?.Set(rest!);
        TellOutcomes();
    }

    private void TellOutcomes()
    {
        var (rows, bad) = (0, 0);
        foreach (var (file, rowsThen, badThen) in _parts)
        {
            outcomes.Add(file, rowsThen > rows, parser.Rejects, bad, badThen);
            (rows, bad) = (rowsThen, badThen);
        }
    }

    /// <summary>Parses a whole batch; answers what it leaves over.</summary>
    private Leftover Parse(Batch batch, Leftover? before)
    {
        parser.Reset();
        _parts.Clear();
        Leftover? rest = null;
        for (var at = 0; at < batch.Parts.Count; at++)
        {
            var segment = at == 0 && before is not null ? Joined(batch, before) : Alone(batch, batch.Parts[at]);
            var end = parser.Parse(segment);
            _parts.Add((batch.Parts[at].File, parser.RowCount, parser.Rejects.Count));
            if (end == SegmentEnd.Stopped)
            {
                break;
            }

            rest = Rest(segment, end);
        }

        // When parsing stopped early, the load is about to fail and nobody reads on.
        return rest ?? new Leftover(default, 0, 0, InBadLine: false);
    }

    private unsafe Leftover Rest(in Segment segment, SegmentEnd end)
    {
        var open = end == SegmentEnd.Open ? new ReadOnlySpan<byte>(parser.Position, (int)(segment.End - parser.Position)).ToArray() : [];
        return new Leftover(open, parser.Line, segment.Offset + (parser.Position - segment.Start), end == SegmentEnd.InBadLine);
    }

    private static unsafe Segment Alone(Batch batch, Part part) => new()
    {
        Start = batch.Buffer.Start + part.Start,
        End = batch.Buffer.Start + part.Start + part.Length,
        File = part.File,
        Line = part.Line,
        Offset = part.Offset,
        IsLast = part.IsLast,
        Layout = part.BeforeLayout.Layout,
    };

    private unsafe Segment Joined(Batch batch, Leftover before)
    {
        var part = batch.Parts[0];
        _joined.Length = 0;
        _joined.Append(before.Bytes.Span);
        _joined.Append(batch.Buffer.Content.Span.Slice(part.Start, part.Length));
        _joined.Terminate();
        return new Segment
        {
            Start = _joined.Start,
            End = _joined.Start + _joined.Length,
            File = part.File,
            Line = before.Line,
            Offset = before.Offset,
            IsLast = part.IsLast,
            InBadLine = before.InBadLine,
            Layout = part.BeforeLayout.Layout,
        };
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask HandOverAsync(CancellationToken ct)
    {
        if (parser.Rejects.Count > 0)
        {
            await rejects.AddAsync(parser.Rejects, ct);
        }

        if (parser.RowCount > 0)
        {
            await sink.SendAsync(parser.Rows.Content, ct);
            Staged += parser.RowCount;
            progress.AddRows(parser.RowCount);
        }

        if (parser.Rows.Capacity > UsualRowBytes)
        {
            parser.Rows.Length = 0;
            parser.Rows.Resize(UsualRowBytes);
        }
    }
}
