using Sparkify.Core.Aws;

namespace Sparkify.Core.Sources.S3;

/// <summary>What is done to whole folders on S3.</summary>
internal static class S3Folders
{
    /// <summary>
    /// Deletes everything whose key begins with a path's; gives how many objects that were. Failures are sentences about it.
    /// </summary>
    /// <param name="s3">The client of its bucket.</param>
    /// <param name="what">What the path is, such as <c>staging location</c>.</param>
    /// <param name="path">The path.</param>
    /// <param name="ct">Ends it.</param>
    public static Task<int> EmptyAsync(
        this IS3Client s3, string what, S3Path path, CancellationToken ct) => S3Problems.TranslateErrorsAsync(what, path, async () =>
    {
        var count = 0;
        await foreach (var item in s3.ListAsync(path.Bucket, path.Key, ct))
        {
            await s3.DeleteAsync(path.Bucket, item.Key, ct);
            count++;
        }

        return count;
    });
}
