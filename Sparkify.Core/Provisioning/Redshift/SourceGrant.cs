using System.Text.Json.Nodes;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>
/// What of S3 a warehouse's role may read: exactly its source and where loads put manifests and packed objects, nothing beside it.
/// </summary>
internal sealed class SourceGrant
{
    private SourceGrant(IReadOnlyList<S3Path> prefixes, IReadOnlyList<S3Path> files) => (Prefixes, Files) = (prefixes, files);

    public IReadOnlyList<S3Path> Prefixes { get; }

    public IReadOnlyList<S3Path> Files { get; }

    public IReadOnlyList<string> Buckets => [.. Prefixes.Concat(Files).Select(static p => p.Bucket).Distinct(StringComparer.Ordinal)];

    public bool IsEmpty => Prefixes.Count + Files.Count == 0;

    public static SourceGrant Of(NewWarehouse warehouse)
    {
        if (warehouse.Source is not LocationSource { IsOnS3: true } at)
        {
            return new SourceGrant([], []);
        }

        // A location that names one object is granted as that object.
        var data = new[] { S3Path.Parse(at.Events, "events"), S3Path.Parse(at.Songs, "songs") }.ToLookup(
            static p => p.Split().Only is null);
        return new SourceGrant(
            [.. data[true].Select(static p => p.AsFolder()), (warehouse.Redshift ?? new()).StagingPath(warehouse.Name, at)],
            [.. data[false], .. string.IsNullOrWhiteSpace(at.JsonPaths) ? [] : new[] { S3Path.Parse(at.JsonPaths, "JSONPaths") }]);
    }

    /// <summary>The role's inline policy.</summary>
    public JsonObject Policy(string partition)
    {
        var statements = new JsonArray
        {
            new JsonObject
            {
                ["Sid"] = "ReadObjects",
                ["Effect"] = "Allow",
                ["Action"] = "s3:GetObject",
                ["Resource"] = Strings(Prefixes.Select(p => $"arn:{partition}:s3:::{p.Bucket}/{p.Key}*")
                    .Concat(Files.Select(p => $"arn:{partition}:s3:::{p.Bucket}/{p.Key}"))),
            },
        };
        foreach (var bucket in Buckets)
        {
            // COPY lists under the prefix before it reads; the region of the bucket is asked for on the way.
            statements.Add(new JsonObject
            {
                ["Effect"] = "Allow",
                ["Action"] = "s3:ListBucket",
                ["Resource"] = $"arn:{partition}:s3:::{bucket}",
                ["Condition"] = new JsonObject
                {
                    ["StringLike"] = new JsonObject
                    {
                        ["s3:prefix"] = Strings(Prefixes.Where(p => p.Bucket == bucket).Select(static p => p.Key + "*")
                            .Concat(Files.Where(p => p.Bucket == bucket).Select(static p => p.Key))),
                    },
                },
            });
            statements.Add(new JsonObject { ["Effect"] = "Allow", ["Action"] = "s3:GetBucketLocation", ["Resource"] = $"arn:{partition}:s3:::{bucket}" });
        }

        return new JsonObject { ["Version"] = "2012-10-17", ["Statement"] = statements };
    }

    /// <summary>Who may assume the role: Redshift, and only on behalf of this account (the "confused deputy" is kept out).</summary>
    public static JsonObject Trust(string account) => new()
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray(new JsonObject
        {
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["Service"] = "redshift.amazonaws.com" },
            ["Action"] = "sts:AssumeRole",
            ["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["aws:SourceAccount"] = account } },
        }),
    };

    private static JsonArray Strings(IEnumerable<string> values) =>
        new([.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(static v => JsonValue.Create(v))]);
}
