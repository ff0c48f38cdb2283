using System.IO.Compression;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>A file's uncompressed content, up to the size the file had when it was scanned.</summary>
internal sealed class FileContent : IAsyncDisposable
{
    private readonly SourceFile _file;
    private readonly ScannedStream _stored;
    private readonly GZipStream? _unpacked;
    private bool _unpackedAll;

    private FileContent(SourceFile file, ScannedStream stored)
    {
        _file = file;
        _stored = stored;
        _unpacked = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stored, CompressionMode.Decompress) : null;
    }

    /// <summary>Whether everything has been read.</summary>
    public bool IsAtEnd => _unpacked is null ? _stored.Left == 0 : _unpackedAll;

    /// <summary>Opens a file.</summary>
    public static async ValueTask<FileContent> OpenAsync(StagingJob job, SourceFile file, StepProgress progress, CancellationToken ct)
    {
        try
        {
            return new FileContent(file, new ScannedStream(await job.Source.OpenAsync(job.Part, file, 0, ct), file.Bytes, progress));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(file, error);
        }
    }

    /// <summary>Reads some more; 0 only at the end.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            var count = await (_unpacked ?? (Stream)_stored).ReadAsync(buffer, ct);
            _unpackedAll = count == 0;
            return count == 0 && _stored.Left > 0 ? throw Shorter() : count;
        }
        catch (InvalidDataException error)
        {
            throw _stored.IsShort ? Shorter() : SparkifyException.Invalid(
                $"The file {_file.Name} is no valid gzip file; compress it again or take it out of the source.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(_file, error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_unpacked is not null)
        {
            await _unpacked.DisposeAsync();
        }

        await _stored.DisposeAsync();
    }

    private SparkifyException Shorter() => SparkifyException.Invalid(
        $"The file {_file.Name} is shorter than the {_file.Bytes} bytes it had when the source was scanned; load again when nothing writes to it.");

    private static SparkifyException Unreadable(SourceFile file, Exception error) => SparkifyException.Unavailable(
        $"The file {file.Name} could not be read: {error.Message}", error);

    /// <summary>A file as stored, cut off at its scanned size, so that what is appended meanwhile is left for the next load.</summary>
    private sealed class ScannedStream(Stream inner, long bytes, StepProgress progress) : Stream
    {
        public long Left { get; private set; } = bytes;

        public bool IsShort { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Left == 0)
            {
                return 0;
            }

            var count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, Left)], cancellationToken);
            IsShort = count == 0 && buffer.Length > 0;
            Left -= count;
            progress.AddBytes(count);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
