namespace Sparkify.Core.Aws;

/// <summary>An object in a list.</summary>
public sealed record S3Item(string Key, long Size, DateTimeOffset? ModifiedAt, string? ETag);

/// <summary>An object's content on its way in; dispose it.</summary>
/// <param name="Content">The bytes from the place asked for.</param>
/// <param name="Length">How many there are from there on.</param>
/// <param name="ETag">Changes when the object changes.</param>
public sealed record S3Content(Stream Content, long Length, string? ETag) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();
}

/// <summary>Amazon S3, API 2006-03-01: what a source of raw data needs.</summary>
public interface IS3Client
{
    /// <summary>The names of the caller's buckets.</summary>
    Task<IReadOnlyList<string>> ListBucketsAsync(CancellationToken ct);

    /// <summary>The region a bucket is in, or none when there is no such bucket. Denied when the caller may not look.</summary>
    Task<string?> FindBucketRegionAsync(string bucket, CancellationToken ct);

    /// <summary>The objects under a prefix, in order of their keys, page after page.</summary>
    IAsyncEnumerable<S3Item> ListAsync(string bucket, string prefix, CancellationToken ct);

    /// <summary>The folders and objects directly under a prefix that ends in a slash (or is empty).</summary>
    Task<(IReadOnlyList<string> Folders, IReadOnlyList<S3Item> Objects)> BrowseAsync(string bucket, string prefix, CancellationToken ct);

    /// <summary>Opens an object from a byte on; given an ETag, only the object that has it (a conflict when it was written anew).</summary>
    Task<S3Content> OpenAsync(string bucket, string key, long from, string? etag, CancellationToken ct);

    /// <summary>At most so many of an object's first bytes, in one request that asks for no more. The object must not be empty.</summary>
    Task<byte[]> BeginAsync(string bucket, string key, int most, string? etag, CancellationToken ct);

    /// <summary>Writes an object.</summary>
    Task PutAsync(string bucket, string key, Stream content, CancellationToken ct);

    /// <summary>Deletes an object, if it is there.</summary>
    Task DeleteAsync(string bucket, string key, CancellationToken ct);
}
