using Sparkify.Core.Aws;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.S3;

/// <summary>
/// An object on its way in. A connection that breaks or stalls in the middle is taken up where it stopped, for the same version of the
/// object only.
/// </summary>
internal sealed class S3Download : ForwardStream
{
    private const int MostTries = 5;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private readonly IS3Client _s3;
    private readonly S3Path _path;
    private readonly string _what;
    private readonly string? _tag;
    private S3Content? _content;
    private long _at;
    private long? _left;

    private S3Download(IS3Client s3, S3Path path, string what, S3Content content, long offset, long? length)
    {
        (_s3, _path, _what, _content, _tag, _at) = (s3, path, what, content, content.ETag, offset);
        // What only resembles S3 may send the content without its length.
        _left = length ?? (content.Length > 0 ? content.Length : null);
    }

    /// <summary>Opens an object at a byte.</summary>
    /// <param name="s3">Clients for the bucket's region.</param>
    /// <param name="path">The object.</param>
    /// <param name="what">What it is, such as <c>events object</c>.</param>
    /// <param name="tag">The version that is wanted; none for any.</param>
    /// <param name="offset">The byte.</param>
    /// <param name="length">How much there is from there on; none when that is not known.</param>
    /// <param name="ct">Ends it early.</param>
    public static async Task<S3Download> OpenAsync(
        IS3Client s3, S3Path path, string what, string? tag, long offset, long? length, CancellationToken ct) =>
        new(s3, path, what, await S3Problems.TranslateErrorsAsync(
            what, path, () => s3.OpenAsync(path.Bucket, path.Key, offset, tag, ct)), offset, length);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty)
        {
            return 0;
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                _content ??= await S3Problems.TranslateErrorsAsync(
                    _what, _path, () => _s3.OpenAsync(_path.Bucket, _path.Key, _at, _tag, cancellationToken));
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                patience.CancelAfter(Stall);
                var count = await _content.Content.ReadAsync(
                    buffer[..(int)Math.Min(buffer.Length, _left ?? long.MaxValue)], patience.Token);
                if (count == 0 && _left is { } missing)
                {
                    throw new EndOfStreamException($"it ended {missing:N0} bytes too early");
                }

                _at += count;
                _left -= count;
                return count;
            }
            catch (Exception e) when (IsBroken(e, cancellationToken))
            {
                await CloseAsync();
                if (tries == MostTries)
                {
                    throw SparkifyException.Unavailable(
                        $"The download of the {_what} '{_path}' broke {MostTries} times at byte {_at:N0}: {e.Message} Check the network, then load again.", e);
                }
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await base.DisposeAsync();
    }

    private static bool IsBroken(Exception e, CancellationToken ct) =>
        e is IOException or HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    private async ValueTask CloseAsync()
    {
        if (_content is { } content)
        {
            _content = null;
            await content.DisposeAsync();
        }
    }
}
