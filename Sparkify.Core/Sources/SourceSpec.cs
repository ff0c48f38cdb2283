using System.Text.Json.Serialization;
using Sparkify.Core.Aws;
using Sparkify.Core.Sources.S3;

namespace Sparkify.Core.Sources;

/// <summary>Where a warehouse's raw data is. Kept with the warehouse as JSON.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LocationSource), "locations")]
[JsonDerivedType(typeof(SampleSource), "sample")]
public abstract record SourceSpec;

/// <summary>Raw data at two locations, each a folder on disk (read with all its subfolders) or an <c>s3://</c> prefix.</summary>
/// <param name="Events">Where the event logs are: JSON objects separated by white space, <c>.json</c> or <c>.json.gz</c>.</param>
/// <param name="Songs">Where the song files are.</param>
/// <param name="JsonPaths">A JSONPaths file for the events, as Redshift's COPY takes it; none to match keys by name.</param>
/// <param name="Simulated">Whether its <c>s3://</c> locations are in the built-in simulator instead of Amazon S3.</param>
/// <param name="Region">The region of the buckets' account to sign for; none for what is configured. A bucket's own region is found by
/// itself.</param>
/// <param name="Connection">The AWS connection its buckets are read with; none for this machine's own credentials.</param>
public sealed record LocationSource(
    string Events, string Songs, string? JsonPaths = null, bool Simulated = false, string? Region = null, string? Connection = null)
    : SourceSpec
{
    /// <summary>Where the event logs are, as <c>s3://bucket/prefix</c> or a path, however it was written.</summary>
    public string Events { get; init; } = LocationText.Clean(Events);

    /// <summary>Where the song files are, in the same form.</summary>
    public string Songs { get; init; } = LocationText.Clean(Songs);

    /// <summary>A JSONPaths file for the events, in the same form; none to match keys by name.</summary>
    public string? JsonPaths { get; init; } = LocationText.Clean(JsonPaths) is { Length: > 0 } file ? file : null;

    /// <summary>
    /// Whether an administrator chose it though the allowed folders and buckets do not hold it. Never taken from whoever describes it.
    /// </summary>
    public bool Vouched { get; init; }

    /// <summary>Whether all its locations are on S3.</summary>
    [JsonIgnore]
    public bool IsOnS3 => Locations.All(S3Path.Is);

    /// <summary>Whether any of its locations is on S3.</summary>
    [JsonIgnore]
    public bool IsPartlyOnS3 => Locations.Any(S3Path.Is);

    /// <summary>All of them.</summary>
    [JsonIgnore]
    internal IEnumerable<string> Locations => new[] { Events, Songs, JsonPaths }.OfType<string>();

    internal AwsPlace Place => new(Region, Simulated, Connection);
}

/// <summary>Generated data shaped like the real: the same numbers and the same seed always give the same bytes.</summary>
/// <param name="Seed">Starts the random numbers.</param>
/// <param name="Days">How many days of logs, one file a day.</param>
/// <param name="Events">How many events over all days.</param>
/// <param name="Songs">How many song files.</param>
public sealed record SampleSource(int Seed = 1, int Days = 30, int Events = 8056, int Songs = 14896) : SourceSpec
{
    /// <summary>What is wrong with its numbers, in sentences, or none.</summary>
    [JsonIgnore]
    public string? Problem => Sample.SampleLimits.Problem(this);
}

/// <summary>The two kinds of raw data a source has.</summary>
public enum SourcePart
{
    /// <summary>The activity log.</summary>
    Events,

    /// <summary>The song catalogue.</summary>
    Songs,
}
