using System.Runtime.CompilerServices;
using Sparkify.Core.Aws;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.S3;

/// <summary>A prefix on S3, or one object that a setting names.</summary>
/// <param name="path">Where it is; a prefix ends with a slash.</param>
/// <param name="what">What it is for: <c>events</c>, <c>songs</c> or <c>JSONPaths</c>.</param>
/// <param name="place">Where the account is to be reached.</param>
/// <param name="buckets">The buckets' regions.</param>
internal sealed class S3Location(S3Path path, string what, AwsPlace place, S3Buckets buckets) : ILocation
{
    /// <inheritdoc/>
    public string Text => path.ToString();

    /// <inheritdoc/>
    public bool IsRemote => true;

    /// <inheritdoc/>
    public bool Holds(ILocation other) =>
        other is S3Location { Path: var inner } && inner.Bucket == path.Bucket && inner.Key.StartsWith(path.Key, StringComparison.Ordinal);

    private S3Path Path => path;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceFile> ListAsync(ILocation? leaveOut, [EnumeratorCancellation] CancellationToken ct)
    {
        var s3 = await BucketAsync(ct);
        var skip = leaveOut is S3Location { Path: var file } && file.Bucket == path.Bucket ? file.Key : null;
        var tally = new SourceTally();
        var any = false;
        // By hand, because no exception may be caught around a yield.
        await using var items = s3.ListAsync(path.Bucket, path.Key, ct).GetAsyncEnumerator(ct);
        while (await S3Problems.TranslateErrorsAsync($"{what} location", path, () => items.MoveNextAsync().AsTask()))
        {
            if (items.Current is var item && item.Key != skip && IsData(item, tally))
            {
                any = true;
                yield return new SourceFile(item.Key[path.Key.Length..], item.Size, item.ModifiedAt ?? default, item.ETag);
            }
        }

        if (!any)
        {
            throw tally.NoData($"{what} location", Text);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenAsync(SourceFile file, long offset, CancellationToken ct)
    {
        var s3 = await BucketAsync(ct);
        var at = path.Below(file.Name);
        return file.Bytes == offset
            ? Stream.Null // there is no range behind the last byte
            : await S3Download.OpenAsync(s3, at, $"{what} object", file.Tag, offset, file.Bytes - offset, ct);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadAsync(CancellationToken ct)
    {
        var s3 = await BucketAsync(ct);
        await using var download = await S3Download.OpenAsync(s3, path, $"{what} file", tag: null, 0, length: null, ct);
        using var content = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await download.ReadAsync(buffer, ct) is > 0 and var count)
        {
            content.Write(buffer, 0, count);
            JsonPaths.RefuseSize(content.Length, Text);
        }

        return content.ToArray();
    }

    private async Task<IS3Client> BucketAsync(CancellationToken ct) => (await buckets.FindAsync(place, path, $"{what} location", ct)).S3;

    private bool IsData(S3Item item, SourceTally tally)
    {
        var name = item.Key.AsSpan(path.Key.Length);
        if (name.IsEmpty || name[^1] == '/')
        {
            return false; // what consoles create to show an empty folder
        }

        for (var rest = name; ;)
        {
            var slash = rest.IndexOf('/');
            if (SourceNames.IsHidden(rest, folder: slash >= 0))
            {
                tally.AddHidden();
                return false;
            }

            if (slash < 0)
            {
                break;
            }

            rest = rest[(slash + 1)..];
        }

        if (SourceNames.IsData(item.Key))
        {
            return true;
        }

        tally.AddOther(name.ToString());
        return false;
    }
}
