using System.Runtime.CompilerServices;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.S3;

/// <summary>A prefix on S3, or one object that a setting names.</summary>
/// <param name="path">Where it is: a prefix, or the key of one object, which ends as data files do.</param>
/// <param name="what">What it is for: <c>events</c>, <c>songs</c> or <c>JSONPaths</c>.</param>
/// <param name="place">Where the account is to be reached.</param>
/// <param name="buckets">The buckets' regions.</param>
internal sealed class S3Location(S3Path path, string what, AwsPlace place, S3Buckets buckets) : ILocation
{
    private readonly S3Path _folder = path.Split().Folder;
    private readonly string? _only = path.Split().Only;

    /// <inheritdoc/>
    public string Text => (_only is null ? _folder : path).ToString();

    /// <inheritdoc/>
    public bool IsRemote => true;

    /// <inheritdoc/>
    public bool Holds(ILocation other) =>
        other is S3Location { Path: var inner } && inner.Bucket == path.Bucket
            && (_only is null ? inner.Key.StartsWith(_folder.Key, StringComparison.Ordinal) : inner.Key == path.Key);

    private S3Path Path => _only is null ? _folder : path;

    private S3Path Typed => path;

    /// <inheritdoc/>
    public IAsyncEnumerable<SourceFile> ListAsync(ILocation? skip, LeftOutTally leftOut, CancellationToken ct) =>
        ListAsync(skip, leftOut, begin: "", ct);

    /// <inheritdoc/>
    // Among millions of keys, few begin like it, and it comes first where they are listed in order.
    public async Task<SourceFile?> FindAsync(ILocation? skip, string name, CancellationToken ct) =>
        await ListAsync(skip, new LeftOutTally(), name, ct).FirstOrDefaultAsync(file => file.Name == name, ct);

    // Those whose name begins so; all of them, when there are none, is a fault of the location.
    private async IAsyncEnumerable<SourceFile> ListAsync(
        ILocation? skip, LeftOutTally leftOut, string begin, [EnumeratorCancellation] CancellationToken ct)
    {
        var s3 = await BucketAsync(ct);
        var key = skip is S3Location { Typed: var file } && file.Bucket == path.Bucket ? file.Key : null;
        var any = false;
        // By hand, because no exception may be caught around a yield.
        await using var looks = new S3Looks(s3, path.Bucket, what, ct);
        await using var items = s3.ListAsync(path.Bucket, _only is null ? _folder.Key + begin : path.Key, ct).GetAsyncEnumerator(ct);
        for (var more = true; more;)
        {
            more = await S3Problems.TranslateErrorsAsync($"{what} location", path, () => items.MoveNextAsync().AsTask());
            if (more && items.Current is var item && item.Key != key && (_only is null ? MayBeData(item, leftOut) : item.Key == path.Key))
            {
                looks.Add(item, mustLook: _only is null && !SourceNames.IsData(item.Key));
            }

            while (looks.MustBeTaken(atEnd: !more))
            {
                var (found, reason) = await looks.TakeAsync();
                var name = found.Key[_folder.Key.Length..];
                if (reason is { } why)
                {
                    leftOut.Add(why, name);
                    continue;
                }

                any = true;
                yield return new SourceFile(name, found.Size, found.ModifiedAt ?? default, found.ETag);
            }
        }

        if (!any && begin.Length == 0)
        {
            throw _only is null ? leftOut.NoData($"{what} location", Text) : SparkifyException.Invalid(
                $"There is no object '{Text}'. Correct the {what} location; a folder of that name ends with a slash.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenAsync(SourceFile file, long offset, CancellationToken ct)
    {
        var s3 = await BucketAsync(ct);
        var at = _folder.Below(file.Name);
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
            JsonPaths.RefuseSize(content.Length, path.ToString());
        }

        return content.ToArray();
    }

    private async Task<IS3Client> BucketAsync(CancellationToken ct) => (await buckets.FindAsync(place, path, $"{what} location", ct)).S3;

    private bool MayBeData(S3Item item, LeftOutTally leftOut)
    {
        var name = item.Key.AsSpan(_folder.Key.Length);
        if (name.IsEmpty || name[^1] == '/')
        {
            leftOut.Add(LeftOutReason.FolderMarker, item.Key); // what consoles create to show an empty folder
            return false;
        }

        for (var rest = name; ;)
        {
            var slash = rest.IndexOf('/');
            if (SourceNames.IsHidden(rest, folder: slash >= 0))
            {
                leftOut.Add(LeftOutReason.Hidden, name.ToString());
                return false;
            }

            if (slash < 0)
            {
                break;
            }

            rest = rest[(slash + 1)..];
        }

        if (SourceNames.IsData(item.Key) || SourceNames.HasNoEnding(item.Key))
        {
            return true;
        }

        leftOut.Add(LeftOutReason.Ending, name.ToString());
        return false;
    }
}
