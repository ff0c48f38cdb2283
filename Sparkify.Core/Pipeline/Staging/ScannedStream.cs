using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>
/// A file as stored, cut off at its scanned size, so that what is appended meanwhile is left for the next load.
/// </summary>
internal sealed class ScannedStream(Stream inner, long bytes, StepProgress progress) : ForwardStream
{
    /// <summary>How much of the file is still to be read.</summary>
    public long Left { get; private set; } = bytes;

    /// <summary>Whether the file turned out to be shorter than it was.</summary>
    public bool IsShort { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Left == 0)
        {
            return 0;
        }

        var count = await ReadInnerAsync(buffer[..(int)Math.Min(buffer.Length, Left)], cancellationToken);
        IsShort = count == 0 && buffer.Length > 0;
        Left -= count;
        progress.AddBytes(count);
        return count;
    }

    // There is no asynchronous reading of files on Unix: .NET would block another thread of the pool instead of this one, and the hop there
    // and back costs more than a small file does.
    private ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken ct) =>
        inner is FileStream file ? ValueTask.FromResult(file.Read(buffer.Span)) : inner.ReadAsync(buffer, ct);

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }
}
