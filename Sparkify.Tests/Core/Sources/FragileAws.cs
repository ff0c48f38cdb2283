using Sparkify.Core.Aws;

namespace Sparkify.Tests.Core.Sources;

/// <summary>An S3 whose connections break after a number of bytes.</summary>
internal sealed class FragileAws(IAws aws, int breakAfter) : IAws
{
    private readonly int _breakAfter = breakAfter;

    /// <summary>How often an object was opened.</summary>
    public int Opened { get; private set; }

    public async ValueTask<AwsClients> ForAsync(AwsPlace place, CancellationToken ct)
    {
        var clients = await aws.ForAsync(place, ct);
        return clients with { S3 = new FragileS3(clients.S3, this) };
    }

    private sealed class FragileS3(IS3Client s3, FragileAws home) : IS3Client
    {
        public Task<IReadOnlyList<string>> ListBucketsAsync(CancellationToken ct) => s3.ListBucketsAsync(ct);

        public Task<string?> FindBucketRegionAsync(string bucket, CancellationToken ct) => s3.FindBucketRegionAsync(bucket, ct);

        public IAsyncEnumerable<S3Item> ListAsync(string bucket, string prefix, CancellationToken ct) => s3.ListAsync(bucket, prefix, ct);

        public Task<(IReadOnlyList<string> Folders, IReadOnlyList<S3Item> Objects)> BrowseAsync(
            string bucket, string prefix, CancellationToken ct) =>
            s3.BrowseAsync(bucket, prefix, ct);

        public async Task<S3Content> OpenAsync(string bucket, string key, long from, string? etag, CancellationToken ct)
        {
            home.Opened++;
            var content = await s3.OpenAsync(bucket, key, from, etag, ct);
            return content with { Content = new BrokenStream(content.Content, home._breakAfter) };
        }

        public Task<byte[]> BeginAsync(string bucket, string key, int most, string? etag, CancellationToken ct) =>
            s3.BeginAsync(bucket, key, most, etag, ct);

        public Task PutAsync(string bucket, string key, Stream content, CancellationToken ct) => s3.PutAsync(bucket, key, content, ct);

        public Task DeleteAsync(string bucket, string key, CancellationToken ct) => s3.DeleteAsync(bucket, key, ct);
    }

    private sealed class BrokenStream(Stream inner, int left) : Sparkify.Core.Common.ForwardStream
    {
        private int _left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                throw new IOException("the connection was reset");
            }

            var count = await inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= count;
            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
