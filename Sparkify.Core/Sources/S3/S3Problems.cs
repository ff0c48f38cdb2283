using Sparkify.Core.Aws;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.S3;

/// <summary>What S3 answers, as sentences about the place that was asked for.</summary>
internal static class S3Problems
{
    /// <summary>Does something at a place; its failures become sentences.</summary>
    /// <param name="what">What the place is, such as <c>events location</c>.</param>
    /// <param name="path">The place.</param>
    /// <param name="work">What to do.</param>
    public static async Task<T> TranslateErrorsAsync<T>(string what, S3Path path, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (AwsException e)
        {
            throw Sentence(e, what, path);
        }
    }

    /// <summary>The sentence for a failure at a place.</summary>
    public static SparkifyException Sentence(AwsException e, string what, S3Path path) => (e.Fault, e.Code) switch
    {
        (AwsFault.Missing, "NoSuchKey") => SparkifyException.Invalid(
            $"The {what} '{path}' does not exist, or not any more. Correct it, or load again so that the source is listed anew.", e),
        (AwsFault.Missing, _) => NoBucket(what, path, e),
        (_, "InvalidObjectState") => SparkifyException.Conflict(
            $"The {what} '{path}' is archived (a Glacier storage class), so it cannot be read. Restore it in S3 first, or take it out of the source."),
        (AwsFault.Denied, _) => new SparkifyException(ProblemKind.Denied,
            $"The {what} '{path}' may not be {Verb(e.Operation)} with the AWS credentials in use: they lack {Permission(e.Operation)} on {Resource(e.Operation, path)}. "
            + $"Have it granted, or use another profile (Aws:Profile). {Mark(e)}", e),
        (AwsFault.Conflict, "PreconditionFailed") => SparkifyException.Conflict(
            $"The {what} '{path}' was written anew since the source was listed. Load again when nothing writes to it any more."),
        _ => new SparkifyException(e.Kind, $"The {what} '{path}' cannot be {Verb(e.Operation)}: {e.Message}", e),
    };

    /// <summary>The sentence for a bucket that is not there.</summary>
    public static SparkifyException NoBucket(string what, S3Path path, Exception? inner = null) => SparkifyException.Invalid(
        $"The {what} '{path}' cannot be read: there is no bucket named '{path.Bucket}'. Correct its name; every name is known to all of S3, whatever the account.", inner);

    private static string Verb(string operation) => operation switch
    {
        "ListObjectsV2" or "HeadBucket" => "listed",
        "PutObject" => "written",
        "DeleteObject" => "deleted",
        _ => "read",
    };

    private static string Permission(string operation) => operation switch
    {
        "ListObjectsV2" or "HeadBucket" => "s3:ListBucket",
        _ => $"s3:{operation}",
    };

    private static string Resource(string operation, S3Path path) =>
        Permission(operation) == "s3:ListBucket" ? $"arn:aws:s3:::{path.Bucket}" : $"arn:aws:s3:::{path.Bucket}/{path.Key}";

    private static string Mark(AwsException e) => $"[{e.Code ?? "HTTP 403"}{(e.RequestId is null ? "" : $", request {e.RequestId}")}]";
}
