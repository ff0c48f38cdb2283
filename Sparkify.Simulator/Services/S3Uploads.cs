using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.Services;

/// <summary>Uploads in parts, as clients send what is large, and copies of objects.</summary>
internal static class S3Uploads
{
    private const int SmallestPart = 5 * 1024 * 1024;

    /// <summary>The operation's name; none when it is another of S3's.</summary>
    public static string? Operation(AwsRequest request, string key) => key.Length == 0 ? null : request.Method switch
    {
        "POST" when request.HasQuery("uploads") => "CreateMultipartUpload",
        "POST" when request.HasQuery("uploadId") => "CompleteMultipartUpload",
        "PUT" when request.HasQuery("uploadId") && request.Header("x-amz-copy-source") is null => "UploadPart",
        "PUT" when !request.HasQuery("uploadId") && request.Header("x-amz-copy-source") is not null => "CopyObject",
        "DELETE" when request.HasQuery("uploadId") => "AbortMultipartUpload",
        _ => null,
    };

    public static AwsReply Create(AwsRequest request, Bucket bucket, string key, World world)
    {
        var id = $"{world.NewId("upload")}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        bucket.Uploads[id] = new Upload(key, request.Header("content-type") ?? "binary/octet-stream");
        return S3Service.Xml("InitiateMultipartUploadResult",
            new XElement("Bucket", bucket.Name), new XElement("Key", key), new XElement("UploadId", id));
    }

    public static AwsReply Part(AwsRequest request, byte[] payload, Bucket bucket, string key)
    {
        var upload = Find(request, bucket, key);
        if (!int.TryParse(request.QueryValue("partNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 10_000)
        {
            throw new AwsErrorException("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
        }

        upload.Parts[number] = payload;
        return new AwsReply(200, null, []) { Headers = { ["ETag"] = Tag(payload) } };
    }

    public static AwsReply Complete(AwsRequest request, byte[] payload, Bucket bucket, string key, World world)
    {
        var upload = Find(request, bucket, key);
        var parts = Listed(payload).Select(listed =>
        {
            var (number, tag) = listed;
            return upload.Parts.TryGetValue(number, out var part) && Tag(part).Trim('"') == tag.Trim('"')
                ? (Number: number, Content: part)
                : throw new AwsErrorException("InvalidPart",
                    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.");
        }).ToList();
        if (parts.Zip(parts.Skip(1)).Any(static p => p.First.Number >= p.Second.Number))
        {
            throw new AwsErrorException(
                "InvalidPartOrder", "The list of parts was not in ascending order. The parts list must be specified in order by part number.");
        }

        if (parts.SkipLast(1).Any(static p => p.Content.Length < SmallestPart))
        {
            throw new AwsErrorException("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
        }

        byte[] content = [.. parts.SelectMany(static p => p.Content)];
        var tag = $"{Tag([.. parts.SelectMany(static p => Hash(p.Content))])[..^1]}-{parts.Count.ToString(CultureInfo.InvariantCulture)}\"";
        bucket.Put(new StoredObject(key, content.Length, tag, world.Now, upload.ContentType) { Content = content });
        bucket.Uploads.Remove(request.QueryValue("uploadId")!);
        return S3Service.Xml("CompleteMultipartUploadResult",
            new XElement("Location", $"/{bucket.Name}/{key}"), new XElement("Bucket", bucket.Name), new XElement("Key", key), new XElement("ETag", tag));
    }

    public static AwsReply Abort(AwsRequest request, Bucket bucket, string key)
    {
        _ = Find(request, bucket, key);
        bucket.Uploads.Remove(request.QueryValue("uploadId")!);
        return AwsReply.Empty(204);
    }

    public static AwsReply Copy(AwsRequest request, Bucket bucket, string key, World world, SimulatorFaults faults)
    {
        var path = Uri.UnescapeDataString(request.Header("x-amz-copy-source")!).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            throw new AwsErrorException("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        }

        var (from, name) = (S3Service.Find(world, path[..slash]), path[(slash + 1)..]);
        if (faults.IsObjectDenied(from.Name, name))
        {
            throw new AwsErrorException("AccessDenied", "Access Denied", 403);
        }

        var source = from.Find(name) ?? throw new AwsErrorException("NoSuchKey", "The specified key does not exist.", 404);
        var replaces = string.Equals(request.Header("x-amz-metadata-directive"), "REPLACE", StringComparison.OrdinalIgnoreCase);
        if (from == bucket && name == key && !replaces)
        {
            throw new AwsErrorException("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        using var stream = source.Open();
        using var copied = new MemoryStream();
        stream.CopyTo(copied);
        var content = copied.ToArray();
        var type = replaces ? request.Header("content-type") ?? "binary/octet-stream" : source.ContentType;
        bucket.Put(new StoredObject(key, content.Length, Tag(content), world.Now, type) { Content = content });
        return S3Service.Xml("CopyObjectResult", new XElement("LastModified", Wire.Time(world.Now)), new XElement("ETag", Tag(content)));
    }

    /// <summary>The ETag of what was sent in one piece.</summary>
    public static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(Hash(content))}\"";

#pragma warning disable CA5351 // An ETag is an MD5 by definition; it protects nothing here.
    private static byte[] Hash(byte[] content) => MD5.HashData(content);
#pragma warning restore CA5351

    private static Upload Find(AwsRequest request, Bucket bucket, string key) =>
        bucket.Uploads.GetValueOrDefault(request.QueryValue("uploadId")!) is { } upload && upload.Key == key ? upload
            : throw new AwsErrorException("NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.", 404);

    private static List<(int Number, string Tag)> Listed(byte[] payload)
    {
        try
        {
            var parts = XDocument.Parse(Encoding.UTF8.GetString(payload)).Root!.Elements().Where(static e => e.Name.LocalName == "Part")
                .Select(static e => (int.Parse(Text(e, "PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture), Text(e, "ETag"))).ToList();
            if (parts.Count > 0)
            {
                return parts;
            }
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException or FormatException or OverflowException)
        {
            // Falls through to the same refusal.
        }

        throw new AwsErrorException(
            "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");

        static string Text(XElement part, string name) => part.Elements().First(e => e.Name.LocalName == name).Value;
    }
}
