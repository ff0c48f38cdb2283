using System.IO.Compression;
using System.Text.Json;
using Sparkify.Simulator.DataPlane.Wire;
using Sparkify.Simulator.Signing;
using Sparkify.Simulator.State;

namespace Sparkify.Simulator.DataPlane.Copying;

/// <summary>A file that a COPY is to read.</summary>
internal sealed record CopyFile(S3Url Url, long Length);

/// <summary>The S3 that a COPY sees: with the eyes of its role, from the region of its cluster.</summary>
internal sealed class CopySource(CopyStatement copy, SqlCluster cluster)
{
    private readonly World _world = cluster.World;
    private string _role = "";

    /// <summary>The files it will read: those under the prefix, or those the manifest names.</summary>
    public IReadOnlyList<CopyFile> Files()
    {
        lock (_world.Gate)
        {
            if (copy.Key is { } key)
            {
                Demand(key);
            }
            else
            {
                _role = AttachedRole();
            }

            if (copy.Manifest)
            {
                return FromManifest();
            }

            var bucket = FindBucket(copy.From.Bucket);
            Demand("s3:ListBucket", copy.From, copy.From.Key);
            // One request for each thousand keys, as S3 pages.
            List<CopyFile> files = [.. bucket.List(copy.From.Key).Where(static o => !o.Key.EndsWith('/'))
                .Select(o => new CopyFile(new S3Url(bucket.Name, o.Key), o.Length))];
            for (var page = 0; page <= files.Count / 1000; page++)
            {
                cluster.Traffic.Add("ListObjectsV2", 0);
            }

            return files.Count > 0
                ? files
                : throw new SqlErrorException("XX000", $"The specified S3 prefix '{copy.From.Key}' does not exist");
        }
    }

    /// <summary>Opens a file; a missing or denied one is an error of S3.</summary>
    public Stream Open(S3Url url, string? compression)
    {
        StoredObject stored;
        lock (_world.Gate)
        {
            stored = Find(url);
        }

        cluster.Traffic.Add("GetObject", stored.Length);
        try
        {
            var stream = stored.Open();
            return compression switch
            {
                "gzip" => new GZipStream(stream, CompressionMode.Decompress),
                "bzip2" => new Bzip2(stream),
                _ => stream,
            };
        }
        catch (FileNotFoundException)
        {
            throw S3Error("The specified key does not exist.", 404, "NoSuchKey");
        }
    }

    /// <summary>The paths of a JSONPaths file; none when it has no <c>jsonpaths</c>, which Redshift takes for <c>auto</c>.</summary>
    public async Task<IReadOnlyList<JsonPath>?> JsonPathsAsync(S3Url url, CancellationToken ct)
    {
        await using var stream = Open(url, compression: null);
        try
        {
            using var document = await JsonDocument.ParseAsync(stream, default, ct);
            return document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("jsonpaths", out var paths) ? null
                : [.. paths.EnumerateArray().Select(static p => JsonPath.Parse(p.GetString() ?? ""))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SqlErrorException(
                "XX000", $"Invalid JSONPaths file {url}: it is not JSON of the form {{\"jsonpaths\": [\"$.a\", …]}}.");
        }
    }

    private List<CopyFile> FromManifest()
    {
        var stored = Find(copy.From);
        cluster.Traffic.Add("GetObject", stored.Length);
        List<CopyFile> files = [];
        try
        {
            using var stream = stored.Open();
            using var document = JsonDocument.Parse(stream);
            foreach (var entry in document.RootElement.GetProperty("entries").EnumerateArray())
            {
                var text = entry.GetProperty("url").GetString()!;
                var url = S3Url.TryParse(text) ?? throw new JsonException(text);
                var mandatory = entry.TryGetProperty("mandatory", out var flag) && flag.GetBoolean();
                var bucket = FindBucket(url.Bucket);
                Demand("s3:GetObject", url);
                if (bucket.Find(url.Key) is { } found)
                {
                    files.Add(new CopyFile(url, found.Length));
                }
                else if (mandatory)
                {
                    throw new SqlErrorException("XX000", $"Mandatory url is not present in manifest file. {url}",
                        $"S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey, {url}");
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SqlErrorException("XX000", "Problem reading manifest file - Invalid manifest: it is not JSON of the form {\"entries\": [{\"url\": \"s3://…\", \"mandatory\": true}, …]}.");
        }

        return files;
    }

    private StoredObject Find(S3Url url)
    {
        var bucket = FindBucket(url.Bucket);
        Demand("s3:GetObject", url);
        return bucket.Find(url.Key) ?? throw S3Error("The specified key does not exist.", 404, "NoSuchKey");
    }

    private Bucket FindBucket(string name)
    {
        var bucket = _world.Buckets.GetValueOrDefault(name) ?? throw S3Error("The specified bucket does not exist", 404, "NoSuchBucket");
        return bucket.Region == (copy.Region ?? cluster.Region) ? bucket : throw S3Error(
            "The S3 bucket addressed by the query is in a different region from this cluster.", 301, "PermanentRedirect");
    }

    private void Demand(string action, S3Url url, string? prefix = null)
    {
        // The keys there are open everything, as those of the account's engineer do.
        var role = _world.Roles.Values.FirstOrDefault(r => r.Arn == _role);
        var resource = prefix is null ? $"arn:aws:s3:::{url.Bucket}/{url.Key}" : $"arn:aws:s3:::{url.Bucket}";
        var allowed = copy.Key is not null || (role is not null && RolePolicy.Allows(role, _world, action, resource, prefix));
        if (!allowed || (prefix is null && cluster.Faults.IsObjectDenied(url.Bucket, url.Key)))
        {
            throw S3Error("Access Denied", 403, "AccessDenied");
        }
    }

    private void Demand(AccessKey given)
    {
        if (_world.Keys.Find(given.Id) is not { } known)
        {
            throw S3Error("The AWS Access Key Id you provided does not exist in our records.", 403, "InvalidAccessKeyId");
        }

        if (known.Secret != given.Secret)
        {
            throw S3Error(
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.", 403,
                "SignatureDoesNotMatch");
        }

        if (known.Token != given.Token)
        {
            throw S3Error("The provided token is malformed or otherwise invalid.", 400, "InvalidToken");
        }

        if (known.ExpiresAt <= _world.Now)
        {
            throw S3Error("The provided token has expired.", 400, "ExpiredToken");
        }
    }

    /// <summary>The role, which has to be on the cluster, settled, and there at all.</summary>
    private string AttachedRole()
    {
        var roles = cluster.Cluster?.Roles ?? [];
        var wanted = copy.Role == "default" ? roles.FirstOrDefault()?.Arn : copy.Role;
        var attached = roles.Find(r => r.Arn == wanted);
        if (attached is null || attached.StatusAt(_world.Now) != "in-sync" || _world.Roles.Values.All(r => r.Arn != wanted))
        {
            throw new SqlErrorException("XX000", $"User arn:aws:redshift:{cluster.Region}:{_world.Account}:dbuser:{cluster.Cluster?.Id}/{cluster.Database.Master} "
                + $"is not authorized to assume IAM Role {wanted ?? "default"}",
                "The role has to exist, to trust redshift.amazonaws.com, and to be attached to the cluster and in-sync.");
        }

        return wanted!;
    }

    private static SqlErrorException S3Error(string message, int status, string code) => new(
        "XX000", $"S3ServiceException:{message},Status {status},Error {code},Rid {Guid.NewGuid().ToString("N")[..16].ToUpperInvariant()}");
}
