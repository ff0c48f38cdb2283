using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>The part of S3 (2006-03-01) that a source of raw data needs, with bucket names in the path.</summary>
internal static class S3Service
{
    private static readonly XNamespace Space = "http://s3.amazonaws.com/doc/2006-03-01/";

    /// <summary>The operation's name, as permissions and faults know it.</summary>
    public static string Operation(AwsRequest request)
    {
        var (bucket, key) = Target(request);
        return S3Uploads.Operation(request, key) ?? (request.Method, bucket, key) switch
        {
            ("GET", _, "") when request.HasQuery("location") => "GetBucketLocation",
            ("POST", _, "") when request.HasQuery("delete") => "DeleteObjects",
            // A part of a bucket or an object that is not known here is not the bucket or the object.
            _ when request.Query.Any(static p => !IsOfTheWhole(p.Key)) => "Unknown",
            ("GET", "", _) => "ListBuckets",
            ("GET", _, "") => "ListObjectsV2",
            ("HEAD", _, "") => "HeadBucket",
            ("PUT", _, "") => "CreateBucket",
            ("DELETE", _, "") => "DeleteBucket",
            ("GET", _, _) => "GetObject",
            ("HEAD", _, _) => "HeadObject",
            ("PUT", _, _) => "PutObject",
            ("DELETE", _, _) => "DeleteObject",
            _ => "Unknown",
        };
    }

    /// <summary>Whether a parameter says how to read or list, or who asks, and not which part is meant.</summary>
    private static bool IsOfTheWhole(string parameter) =>
        parameter is "x-id" or "list-type" or "prefix" or "delimiter" or "max-keys" or "continuation-token" or "start-after" or "marker"
            or "encoding-type" or "fetch-owner" or "max-buckets" or "bucket-region"
        || parameter.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase) || parameter.StartsWith("response-", StringComparison.Ordinal);

    public static AwsReply Answer(string operation, AwsRequest request, byte[] payload, Caller caller, World world, SimulatorFaults faults)
    {
        var (name, key) = Target(request);
        if (key.Length > 0 && faults.IsObjectDenied(name, key))
        {
            throw new AwsErrorException("AccessDenied", "Access Denied", 403);
        }

        return operation switch
        {
            "ListBuckets" => Xml("ListAllMyBucketsResult",
                new XElement("Owner", new XElement("ID", world.Account)),
                new XElement("Buckets", world.Buckets.Values.Select(static b => new XElement("Bucket",
                    new XElement("Name", b.Name), new XElement("CreationDate", Wire.Time(b.CreatedAt)))))),
            "CreateBucket" => CreateBucket(name, caller, world),
            "HeadBucket" => WithRegion(AwsReply.Empty(200), Find(world, name)),
            "GetBucketLocation" =>
                AwsReply.Xml(
                    new XElement(Space + "LocationConstraint", Find(world, name) is { Region: not "us-east-1" } b ? b.Region : null)),
            "DeleteBucket" => DeleteBucket(world, Find(world, name)),
            "ListObjectsV2" => List(request, Find(world, name)),
            "PutObject" => Put(request, payload, Find(world, name), key, world),
            "GetObject" or "HeadObject" => Get(request, Find(world, name), key),
            "DeleteObject" => DeleteObject(Find(world, name), key),
            "DeleteObjects" => DeleteObjects(Find(world, name), payload),
            "CopyObject" => S3Uploads.Copy(request, Find(world, name), key, world, faults),
            "CreateMultipartUpload" => S3Uploads.Create(request, Find(world, name), key, world),
            "UploadPart" => S3Uploads.Part(request, payload, Find(world, name), key),
            "CompleteMultipartUpload" => S3Uploads.Complete(request, payload, Find(world, name), key, world),
            "AbortMultipartUpload" => S3Uploads.Abort(request, Find(world, name), key),
            _ => throw new AwsErrorException("NotImplemented", "The simulator does not know this S3 operation.", 501),
        };
    }

    private static (string Bucket, string Key) Target(AwsRequest request)
    {
        var path = request.RawPath.TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? (Uri.UnescapeDataString(path), "")
            : (Uri.UnescapeDataString(path[..slash]), Uri.UnescapeDataString(path[(slash + 1)..]));
    }

    private static AwsReply CreateBucket(string name, Caller caller, World world)
    {
        if (name.Length is < 3 or > 63 || !name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
        {
            throw new AwsErrorException("InvalidBucketName", "The specified bucket is not valid.");
        }

        return world.Buckets.TryAdd(name, new Bucket(name, caller.Region, world.Now))
            ? AwsReply.Empty(200)
            : throw new AwsErrorException(
                "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409);
    }

    private static AwsReply DeleteBucket(World world, Bucket bucket)
    {
        if (bucket.List("").Any())
        {
            throw new AwsErrorException("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
        }

        world.Buckets.Remove(bucket.Name);
        return AwsReply.Empty(204);
    }

    private static AwsReply DeleteObject(Bucket bucket, string key)
    {
        bucket.Delete(key);
        return AwsReply.Empty(204);
    }

    private static AwsReply DeleteObjects(Bucket bucket, byte[] payload)
    {
        List<string> keys;
        bool quiet;
        try
        {
            var root = XDocument.Parse(Encoding.UTF8.GetString(payload)).Root!;
            keys = [.. root.Elements().Where(static e => e.Name.LocalName == "Object")
                .Select(static e => e.Elements().First(static k => k.Name.LocalName == "Key").Value)];
            quiet = root.Elements().Any(static e => e.Name.LocalName == "Quiet" && e.Value == "true");
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException)
        {
            throw new AwsErrorException(
                "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
        }

        if (keys.Count > 1000)
        {
            throw new AwsErrorException("MalformedXML", "A request deletes at most 1000 objects.");
        }

        keys.ForEach(bucket.Delete);
        return Xml("DeleteResult", quiet ? null : keys.Select(static k => new XElement("Deleted", new XElement("Key", k))));
    }

    private static AwsReply List(AwsRequest request, Bucket bucket)
    {
        var prefix = request.QueryValue("prefix") ?? "";
        var delimiter = request.QueryValue("delimiter");
        var size = int.TryParse(request.QueryValue("max-keys"), NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            ? Math.Min(most, 1000)
            : 1000;
        var after = request.QueryValue("continuation-token") is { Length: > 0 } token
            ? Uri.UnescapeDataString(token)
            : request.QueryValue("start-after") ?? request.QueryValue("marker");
        var urls = request.QueryValue("encoding-type") == "url";
        // A common prefix counts as one entry, at the place of its first key.
        var entries = bucket.List(prefix)
            .Select(o => delimiter is { Length: > 0 } && o.Key.IndexOf(
                delimiter, prefix.Length, StringComparison.Ordinal) is var at && at >= 0
                ? (Name: o.Key[..(at + delimiter.Length)], Object: null)
                : (Name: o.Key, Object: (StoredObject?)o))
            .DistinctBy(static e => e.Name)
            .Where(e => after is null || string.CompareOrdinal(e.Name, after) > 0)
            .Take(size + 1).ToList();
        var truncated = entries.Count > size;
        var page = truncated ? entries[..size] : entries;
        return Xml("ListBucketResult",
            new XElement("Name", bucket.Name), new XElement("Prefix", Text(prefix)), Wire.Optional("Delimiter", delimiter),
            urls ? new XElement("EncodingType", "url") : null,
            new XElement("MaxKeys", size), new XElement("KeyCount", page.Count), Wire.Flag("IsTruncated", truncated),
            truncated ? new XElement("NextContinuationToken", Uri.EscapeDataString(page[^1].Name)) : null,
            truncated && request.QueryValue("list-type") != "2" ? new XElement("NextMarker", Text(page[^1].Name)) : null,
            page.Where(static e => e.Object is not null).Select(e => new XElement("Contents",
                new XElement("Key", Text(e.Name)), new XElement("LastModified", Wire.Time(e.Object!.ModifiedAt)),
                new XElement("ETag", e.Object.ETag), new XElement("Size", e.Object.Length), new XElement("StorageClass", "STANDARD"))),
            page.Where(static e => e.Object is null).Select(e => new XElement("CommonPrefixes", new XElement("Prefix", Text(e.Name)))));

        string Text(string value) => urls ? Uri.EscapeDataString(value) : value;
    }

    private static AwsReply Put(AwsRequest request, byte[] payload, Bucket bucket, string key, World world)
    {
        var tag = S3Uploads.Tag(payload);
        bucket.Put(new StoredObject(
            key, payload.Length, tag, world.Now, request.Header("content-type") ?? "binary/octet-stream")
        { Content = payload });
        return new AwsReply(200, null, []) { Headers = { ["ETag"] = tag } };
    }

    private static AwsReply Get(AwsRequest request, Bucket bucket, string key)
    {
        var stored = bucket.Find(key) ?? throw new AwsErrorException("NoSuchKey", "The specified key does not exist.", 404);
        if (request.Header("if-match") is { } wanted && wanted != stored.ETag)
        {
            throw new AwsErrorException("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
        }

        var (from, length) = Range(request.Header("range"), stored.Length);
        var partial = request.Header("range") is not null;
        var (status, head) = (partial ? 206 : 200, request.Method == "HEAD");
        var reply = head ? new AwsReply(status, stored.ContentType, []) { DeclaredLength = length }
            : stored.Path is { } path ? new AwsReply(status, stored.ContentType, []) { File = (path, from, length) }
            : new AwsReply(status, stored.ContentType, length == stored.Length ? stored.Content! : stored.Content.AsSpan(
                (int)from, (int)length).ToArray());
        reply.Headers["ETag"] = stored.ETag;
        reply.Headers["Accept-Ranges"] = "bytes";
        reply.Headers["Last-Modified"] = stored.ModifiedAt.ToString("R", CultureInfo.InvariantCulture);
        if (partial)
        {
            reply.Headers["Content-Range"] = string.Create(
                CultureInfo.InvariantCulture, $"bytes {from}-{from + length - 1}/{stored.Length}");
        }

        return reply;
    }

    private static (long From, long Length) Range(string? header, long size)
    {
        // What is no range is ignored, as HTTP has it.
        if (header is null || !RangeHeaderValue.TryParse(header, out var parsed) || parsed.Ranges is not { Count: 1 } ranges)
        {
            return (0, size);
        }

        var range = ranges.Single();
        var from = Math.Min(range.From ?? Math.Max(0, size - range.To!.Value), size);
        var to = Math.Min(range.From is null ? size - 1 : range.To ?? size - 1, size - 1);
        return from < size && from <= to
            ? (from, to - from + 1)
            : throw new AwsErrorException("InvalidRange", "The requested range is not satisfiable", 416);
    }

    private static AwsReply WithRegion(AwsReply reply, Bucket bucket)
    {
        reply.Headers["x-amz-bucket-region"] = bucket.Region;
        return reply;
    }

    public static Bucket Find(World world, string name) => world.Buckets.GetValueOrDefault(name)
        ?? throw new AwsErrorException("NoSuchBucket", "The specified bucket does not exist", 404);

    public static AwsReply Xml(string root, params object?[] content)
        => AwsReply.Xml(AwsReply.WithNamespace(Space, new XElement(root, content)));
}
