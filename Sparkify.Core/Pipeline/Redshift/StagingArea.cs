using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>
/// The prefix of a warehouse on S3 that we write to and its cluster reads: manifests, JSONPaths files and packed objects, in a folder
/// for each run. No name in it ends like a data file's, so that it may lie inside a source.
/// </summary>
internal sealed class StagingArea(IS3Client s3, string region, S3Path warehouse, long run)
{
    private const string What = "staging location";

    /// <summary>The region of its bucket.</summary>
    public string Region => region;

    /// <summary>The path of something in this run's folder.</summary>
    public S3Path PathOf(string name) => warehouse.Below($"{run}/{name}");

    /// <summary>Opens a warehouse's.</summary>
    public static async Task<StagingArea> OpenAsync(
        Warehouse warehouse, LocationSource source, long run, S3Buckets buckets, CancellationToken ct)
    {
        var path = warehouse.Redshift!.StagingPath(warehouse.Name, source);
        var bucket = await buckets.FindAsync(source.Place, path, What, ct);
        return new StagingArea(bucket.S3, bucket.Region, path, run);
    }

    /// <summary>Writes something into this run's folder.</summary>
    public async Task<S3Path> PutAsync(string name, Stream content, CancellationToken ct)
    {
        var path = PathOf(name);
        try
        {
            await s3.PutAsync(path.Bucket, path.Key, content, ct);
            return path;
        }
        catch (AwsException e) when (e.Fault == AwsFault.Denied)
        {
            throw SparkifyException.Denied(
                $"{S3Problems.Sentence(e, What, path).Message} The load writes its manifests there. To have them elsewhere, give the warehouse a staging location: an s3:// prefix you may write to.");
        }
        catch (AwsException e)
        {
            throw S3Problems.Sentence(e, What, path);
        }
    }

    /// <summary>Deletes what of this run's folder has a name that begins so.</summary>
    public Task ClearAsync(string begin, CancellationToken ct) => s3.EmptyAsync(What, PathOf(begin), ct);

    /// <summary>Deletes what any run has left here, so also those that were killed.</summary>
    public Task ClearAllAsync(CancellationToken ct) => s3.EmptyAsync(What, warehouse, ct);
}
