using System.Globalization;
using System.Text.Json;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline.Redshift;

/// <summary>One COPY: the objects of one kind of compression, into one staging table.</summary>
/// <param name="Kind"><c>plain</c>, <c>gzip</c>, or <c>packed</c> for what we packed.</param>
/// <param name="Objects">Exactly what it reads.</param>
/// <param name="Bytes">How large that is, as stored.</param>
internal sealed record CopyJob(string Kind, IReadOnlyList<S3Path> Objects, long Bytes)
{
    public const string Plain = "plain", Gzip = "gzip", Packed = "packed";

    /// <summary>The COPYs that read all files of a part; empty ones hold nothing to be read.</summary>
    public static IReadOnlyList<CopyJob> Of(IReadOnlyList<LoadFile> files, S3Path data, Func<string, S3Path> packed) =>
    [
        .. from item in files.Where(static f => f.PackedInto is null && f.File.File.Bytes > 0)
               .Select(f => (Kind: f.IsGzip ? Gzip : Plain, Object: data.Below(f.File.File.Name), f.File.File.Bytes))
               .Concat(files.Where(static f => f.PackedInto is not null).GroupBy(static f => f.PackedInto!)
                   .Select(part => (Kind: Packed, Object: packed(part.Key), Bytes: part.Sum(static f => f.File.File.Bytes))))
           group item by item.Kind into kind
           orderby kind.Key
           select new CopyJob(kind.Key, [.. kind.Select(static i => i.Object)], kind.Sum(static i => i.Bytes)),
    ];

    /// <summary>Whether its objects are gzip.</summary>
    public bool IsCompressed => Kind != Plain;

    /// <summary>The manifest: what is not listed is not read, and what is listed must be there.</summary>
    public MemoryStream Manifest()
    {
        var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(
            content, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("entries");
            foreach (var path in Objects)
            {
                json.WriteStartObject();
                json.WriteString("url", path.ToString());
                json.WriteBoolean("mandatory", true);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        content.Position = 0;
        return content;
    }

    /// <summary>A JSONPaths file that takes each column's own key: by themselves, keys only match columns written alike.</summary>
    public static MemoryStream JsonPaths(StarTable table) =>
        new(JsonSerializer.SerializeToUtf8Bytes(new { jsonpaths = table.Columns.Select(static c => $"$['{c.JsonKey}']") }));

    /// <summary>The statement.</summary>
    /// <param name="schema">Where the staging table is.</param>
    /// <param name="table">The staging table.</param>
    /// <param name="target">Where it takes place.</param>
    /// <param name="manifest">Where the manifest is.</param>
    /// <param name="jsonPaths">Where the JSONPaths file is.</param>
    /// <param name="maxErrors">At how many bad records it fails.</param>
    /// <param name="truncate">Whether texts that are too long are cut.</param>
    public string Statement(
        string schema, StarTable table, CopyTarget target, S3Path manifest, S3Path jsonPaths, int maxErrors,
        bool truncate) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        copy {schema}.{table.Name} ({string.Join(", ", table.Columns.Select(static c => c.Name))})
        from {RedshiftSql.Literal(manifest.ToString())}
        iam_role {target.RoleInSql}
        json {RedshiftSql.Literal(jsonPaths.ToString())}
        manifest timeformat 'epochmillisecs' maxerror {maxErrors} compupdate off statupdate off{(IsCompressed ? " gzip" : "")}{(truncate ? " truncatecolumns" : "")}{Region(target)}
        """);

    // Only said when it has to be; then everything a COPY reads must be there, the manifest included.
    private string Region(CopyTarget target)
    {
        var data = Objects.All(o => o.Bucket == target.Area.PathOf("").Bucket) ? target.Area.Region : target.DataRegion;
        return data != target.Area.Region ? throw SparkifyException.Invalid(
                $"{target.Data} is in {data}, and the staging location with the manifest in {target.Area.Region}; a COPY reads from one region only. " +
                "Give the warehouse a staging location in a bucket of the same region.")
            : data == target.ClusterRegion ? "" : $" region {RedshiftSql.Literal(data)}";
    }
}
