using System.Text.RegularExpressions;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.S3;

/// <summary>A place in S3: an object's key, or a prefix of keys.</summary>
internal sealed partial record S3Path(string Bucket, string Key)
{
    /// <summary>What every one of them starts with.</summary>
    public const string Scheme = "s3://";

    /// <summary>Whether a location is meant to be one.</summary>
    public static bool Is(string? location) =>
        location is not null && location.TrimStart().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a bucket can have this name.</summary>
    public static bool IsBucket(string name) => BucketForm().IsMatch(name);

    /// <summary>Reads one as it was typed; throws a sentence when it is none.</summary>
    /// <param name="location">What was typed.</param>
    /// <param name="what">What it is for, such as <c>events</c>.</param>
    public static S3Path Parse(string location, string what)
    {
        var typed = location.Trim();
        var path = typed[Scheme.Length..];
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (bucket, key) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        return IsBucket(bucket)
            ? new S3Path(bucket, key)
            : throw SparkifyException.Invalid(
                $"The {what} location '{typed}' names no bucket: '{bucket}' is no bucket's name (3 to 63 lower-case letters, digits, dots and hyphens). "
                + $"Give it as s3://bucket/{what}/.");
    }

    /// <summary>
    /// The folder a location names, and the one object in it when it names that: <c>s3://b/log/a.json</c> is <c>a.json</c> in
    /// <c>s3://b/log/</c>.
    /// </summary>
    public (S3Path Folder, string? Only) Split()
    {
        var slash = Key.LastIndexOf('/') + 1;
        return SourceNames.IsData(Key) ? (this with { Key = Key[..slash] }, Key[slash..]) : (AsFolder(), null);
    }

    /// <summary>
    /// The same as a folder. Keys are only compared from their start, so without the slash <c>song</c> would also be <c>song_backup</c>.
    /// </summary>
    public S3Path AsFolder() => Key.Length == 0 || Key.EndsWith('/') ? this : this with { Key = Key + "/" };

    /// <summary>Something below it.</summary>
    public S3Path Below(string name) => this with { Key = Key + name };

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}{Bucket}/{Key}";

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex BucketForm();
}
