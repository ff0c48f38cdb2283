using System.IO.Compression;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>A file's uncompressed content, up to the size the file had when it was scanned.</summary>
internal sealed class FileContent : IAsyncDisposable
{
    private readonly SourceFile _file;
    private readonly ScannedStream _stored;
    private readonly GzipInput? _input;
    private readonly GZipStream? _unpacked;
    private bool _unpackedAll;

    private FileContent(SourceFile file, Stream stored, bool isPacked, StepProgress progress)
    {
        _file = file;
        _stored = new ScannedStream(stored, file.Bytes, progress);
        _input = isPacked ? new GzipInput(_stored) : null;
        _unpacked = _input is null ? null : new GZipStream(_input, CompressionMode.Decompress);
    }

    /// <summary>Whether it is being unpacked.</summary>
    public bool IsPacked => _unpacked is not null;

    /// <summary>Whether everything has been read.</summary>
    public bool IsAtEnd => _unpacked is null ? _stored.Left == 0 : _unpackedAll;

    /// <summary>Opens a file, to be unpacked or as it is stored.</summary>
    public static async ValueTask<FileContent> OpenAsync(
        StagingJob job, SourceFile file, bool isPacked, StepProgress progress, CancellationToken ct)
    {
        try
        {
            return new FileContent(file, await job.Source.OpenAsync(job.Part, file, 0, ct), isPacked, progress);
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
            return _unpacked is null ? await ReadPlainAsync(buffer, ct) : await ReadPackedAsync(_unpacked, buffer, ct);
        }
        catch (InvalidDataException error)
        {
            throw _stored.IsShort ? Shorter() : Damaged(error);
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

    private async ValueTask<int> ReadPlainAsync(Memory<byte> buffer, CancellationToken ct)
    {
        var count = await _stored.ReadAsync(buffer, ct);
        return _stored.IsShort ? throw Shorter() : count;
    }

    private async ValueTask<int> ReadPackedAsync(GZipStream unpacked, Memory<byte> buffer, CancellationToken ct)
    {
        var count = await unpacked.ReadAsync(buffer, ct);
        if (_stored.IsShort)
        {
            throw Shorter();
        }

        if (count > 0 && !_input!.InEpilogue)
        {
            return count;
        }

        if (_input!.InPadding)
        {
            _unpackedAll = true;
            return 0;
        }

        List<byte> words = [.. buffer.Span[..count]];
        while (count > 0 && words.Count <= WholeGzip.LastWords.Length)
        {
            count = await unpacked.ReadAsync(buffer, ct);
            words.AddRange(buffer.Span[..count]);
        }

        _unpackedAll = true;
        return words.SequenceEqual(WholeGzip.LastWords) ? 0 : throw Damaged(null);
    }

    private SparkifyException Damaged(Exception? error) => SparkifyException.Invalid(
        $"The file {_file.Name} is no valid gzip file; compress it again or take it out of the source.", error);

    private SparkifyException Shorter() => SparkifyException.Invalid(
        $"The file {_file.Name} is shorter than the {_file.Bytes} bytes it had when the source was scanned; load again when nothing writes to it.");

    private static SparkifyException Unreadable(SourceFile file, Exception error) => SparkifyException.Unavailable(
        $"The file {file.Name} could not be read: {error.Message}", error);
}
