using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// Reads files into batches. Each file is read front to back by one reader, because lines are counted; several readers share the list.
/// What is awaited for each batch is pooled here and in the worker: memory should not grow with the number of batches until a collection.
/// </summary>
internal sealed class BatchReader(StagingJob job, int bufferBytes, ChannelWriter<Batch> batches, StepProgress progress)
{
    private readonly ConcurrentBag<PinnedBuffer> _free = [];
    private int _next = -1;

    /// <summary>Takes back a buffer that is not needed any more.</summary>
    public void Return(PinnedBuffer buffer) => _free.Add(buffer);

    /// <summary>Reads files until none is left. Run as often as there shall be readers.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var batch = NewBatch();
        while (Interlocked.Increment(ref _next) is var at && at < job.Files.Count)
        {
            batch = await ReadAsync(job.Files[at], batch, ct);
            progress.AddFiles(1);
        }

        await PostAsync(batch, ct);
    }

    /// <summary>Reads one file behind what the batch already has, and answers the batch to go on with.</summary>
    private async Task<Batch> ReadAsync(NumberedFile file, Batch batch, CancellationToken ct)
    {
        if (file.File.Bytes > batch.Buffer.Room.Length && batch.Parts.Count > 0)
        {
            batch = await NextAsync(batch, ct);
        }

        var part = new Part(file, batch.Buffer.Length, 0, 1, 0);
        var content = await FileContent.OpenAsync(job, file.File, WholeGzip.Is(file.File.Name), progress, ct);
        try
        {
            var atEnd = await FillAsync(content, batch.Buffer, ct);
            if (!content.IsPacked && FileForm.IsGzip(file.File.Name, batch.Buffer.Content.Span[part.Start..]))
            {
                await content.DisposeAsync();
                progress.AddBytes(part.Start - batch.Buffer.Length); // read once more
                batch.Buffer.Length = part.Start;
                content = await FileContent.OpenAsync(job, file.File, isPacked: true, progress, ct);
                atEnd = await FillAsync(content, batch.Buffer, ct);
            }

            for (; !atEnd; atEnd = await FillAsync(content, batch.Buffer, ct))
            {
                (batch, part) = await CutAsync(batch, part, ct);
            }
        }
        finally
        {
            await content.DisposeAsync();
        }

        batch.Parts.Add(part with { Length = batch.Buffer.Length - part.Start, IsLast = true });
        if (batch.Buffer.Room.IsEmpty)
        {
            return await NextAsync(batch, ct);
        }

        batch.Buffer.Terminate();
        batch.Buffer.Length++;
        return batch;
    }

    /// <summary>Reads until the buffer is full or the file ends; true at its end.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<bool> FillAsync(FileContent content, PinnedBuffer buffer, CancellationToken ct)
    {
        while (!content.IsAtEnd)
        {
            if (buffer.Room.IsEmpty)
            {
                return false;
            }

            buffer.Length += await content.ReadAsync(buffer.Room, ct);
        }

        return true;
    }

    /// <summary>Posts a full batch and moves what follows the cut to the next one.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Batch Batch, Part Part)> CutAsync(Batch batch, Part part, CancellationToken ct)
    {
        var text = batch.Buffer.Content[part.Start..];

        // Perhaps the last record that starts on a line of its own. If this is inside a record, the parser will notice.
        var cut = text.Span.LastIndexOf("\n{"u8) + 1;
        var startsRecord = cut > 0;
        cut = startsRecord ? cut : text.Length;
        Seam seam = new();
        batch.Parts.Add(part with { Length = cut, After = seam });

        var next = NewBatch();
        next.Buffer.Append(text.Span[cut..]);
        var line = part.Line + text.Span[..cut].Count((byte)'\n');
        var layout = part.BeforeLayout;
        layout.Look(text.Span[..cut]); // ends at the file's first characters, nearly always
        batch.Buffer.Length = part.Start + cut;
        await PostAsync(batch, ct);
        return (next, new Part(part.File, 0, 0, line, part.Offset + cut)
        {
            Before = seam,
            StartsRecord = startsRecord,
            BeforeLayout = layout,
        });
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Batch> NextAsync(Batch batch, CancellationToken ct)
    {
        await PostAsync(batch, ct);
        return NewBatch();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PostAsync(Batch batch, CancellationToken ct)
    {
        if (batch.Parts.Count > 0)
        {
            batch.Buffer.Terminate();
            await batches.WriteAsync(batch, ct);
        }
    }

    private Batch NewBatch()
    {
        if (!_free.TryTake(out var buffer))
        {
            buffer = new PinnedBuffer(bufferBytes);
        }

        buffer.Length = 0;
        return new Batch(buffer);
    }
}
