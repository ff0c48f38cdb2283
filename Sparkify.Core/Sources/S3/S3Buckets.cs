using System.Collections.Concurrent;
using Sparkify.Core.Aws;

namespace Sparkify.Core.Sources.S3;

/// <summary>A bucket with clients for the region it is in.</summary>
internal sealed record S3Bucket(IS3Client S3, string Region);

/// <summary>Finds each bucket's own region, so that nobody has to know it.</summary>
internal sealed class S3Buckets(IAws aws)
{
    private readonly ConcurrentDictionary<(AwsPlace Place, string Bucket), S3Bucket> _found = new();

    /// <summary>A bucket, as seen from a place. Throws a sentence when there is none or nobody to ask.</summary>
    /// <param name="place">Where the account is to be reached.</param>
    /// <param name="path">A path in the bucket.</param>
    /// <param name="what">What the path is, such as <c>events location</c>.</param>
    /// <param name="ct">Ends it early.</param>
    public async Task<S3Bucket> FindAsync(AwsPlace place, S3Path path, string what, CancellationToken ct)
    {
        if (_found.TryGetValue((place, path.Bucket), out var known))
        {
            return known;
        }

        // Only what was found is kept: a bucket that is missing now may be there at the next try.
        var bucket = await S3Problems.TranslateErrorsAsync(
            what, path, () => LookAsync(place, path.Bucket, ct)) ?? throw S3Problems.NoBucket(what, path);
        return _found.GetOrAdd((place, path.Bucket), bucket);
    }

    private async Task<S3Bucket?> LookAsync(AwsPlace place, string bucket, CancellationToken ct)
    {
        var clients = await aws.ForAsync(place, ct);
        try
        {
            return await clients.S3.FindBucketRegionAsync(bucket, ct) is not { } region ? null
                : region == clients.Region ? new S3Bucket(clients.S3, region)
                : new S3Bucket((await aws.ForAsync(place with { Region = region }, ct)).S3, region);
        }
        catch (AwsException e) when (e.Fault == AwsFault.Denied)
        {
            // Who may only read objects may not ask for the region; the one we sign for is the best guess.
            return new S3Bucket(clients.S3, clients.Region);
        }
    }
}
