using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using Sparkify.Core.Aws.Errors;

namespace Sparkify.Core.Aws.Clients;

internal sealed class S3Client(IAmazonS3 s3, AwsGuard guard) : IS3Client
{
    public Task<IReadOnlyList<string>> ListBucketsAsync(CancellationToken ct) =>
        guard.CallAsync<IReadOnlyList<string>>("ListBuckets", async within =>
        [.. ((await s3.ListBucketsAsync(new ListBucketsRequest(), within)).Buckets ?? []).Select(static b => b.BucketName)], ct);

    public Task<string?> FindBucketRegionAsync(string bucket, CancellationToken ct) => guard.FindAsync("HeadBucket", async within =>
    {
        var head = await s3.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }, within);
        // What only resembles S3 may not say it; then it is signed for where it was told to be.
        return head.BucketRegion ?? s3.Config.AuthenticationRegion ?? s3.Config.RegionEndpoint.SystemName;
    }, ct);

    public async IAsyncEnumerable<S3Item> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var page in PagesAsync(bucket, prefix, delimiter: null, ct))
        {
            foreach (var item in page.S3Objects ?? [])
            {
                yield return Item(page, item);
            }
        }
    }

    public async Task<(IReadOnlyList<string> Folders, IReadOnlyList<S3Item> Objects)> BrowseAsync(
        string bucket, string prefix, CancellationToken ct)
    {
        List<string> folders = [];
        List<S3Item> objects = [];
        await foreach (var page in PagesAsync(bucket, prefix, "/", ct))
        {
            folders.AddRange((page.CommonPrefixes ?? []).Select(p => Plain(page, p)));
            objects.AddRange((page.S3Objects ?? []).Select(o => Item(page, o)));
        }

        return (folders, objects);
    }

    public Task<S3Content> OpenAsync(
        string bucket, string key, long from, string? etag, CancellationToken ct) => guard.CallAsync("GetObject", async within =>
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = etag };
        if (from > 0)
        {
            request.ByteRange = new ByteRange($"bytes={from}-");
        }

        var answer = await s3.GetObjectAsync(request, within);
        return new S3Content(guard.Bound("GetObject", answer.ResponseStream), answer.ContentLength, answer.ETag);
    }, ct);

    public Task<byte[]> BeginAsync(
        string bucket, string key, int most, string? etag, CancellationToken ct) => guard.CallAsync("GetObject", async within =>
    {
        using var answer = await s3.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = key, EtagToMatch = etag, ByteRange = new ByteRange(0, most - 1) }, within);
        var begin = new byte[most];
        return begin[..await answer.ResponseStream.ReadAtLeastAsync(begin, most, throwOnEndOfStream: false, within)];
    }, ct);

    public Task PutAsync(string bucket, string key, Stream content, CancellationToken ct) => guard.CallAsync("PutObject", within =>
        s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = content, AutoCloseStream = false }, within),
        ct);

    public Task DeleteAsync(string bucket, string key, CancellationToken ct) => guard.CallAsync("DeleteObject", within =>
        s3.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = key }, within), ct);

    private static S3Item Item(ListObjectsV2Response page, S3Object o) =>
        new(Plain(page, o.Key), o.Size ?? 0, o.LastModified is { } time ? new DateTimeOffset(time.ToUniversalTime()) : null, o.ETag);

    // What only resembles S3 may not encode, though it was asked to.
    private static string Plain(ListObjectsV2Response page, string key) =>
        page.Encoding == EncodingType.Url ? Uri.UnescapeDataString(key.Replace('+', ' ')) : key;

    private async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(
        string bucket, string prefix, string? delimiter, [EnumeratorCancellation] CancellationToken ct)
    {
        string? token = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = bucket,
                Prefix = prefix,
                Delimiter = delimiter,
                ContinuationToken = token,
                Encoding = EncodingType.Url, // a key may hold characters that no XML can
            };
            var page = await guard.CallAsync("ListObjectsV2", within => s3.ListObjectsV2Async(request, within), ct);
            yield return page;
            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (token is not null);
    }
}
