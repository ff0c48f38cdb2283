using Microsoft.Extensions.Options;
using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Sources.Folders;
using Sparkify.Core.Sources.S3;
using Sparkify.Core.Sources.Sample;

namespace Sparkify.Core.Sources;

/// <summary>Turns what a person typed into a full path, and decides whether it may be read.</summary>
internal sealed class SourceAccess(IOptions<SourceOptions> sources, IOptions<SparkifyOptions> sparkify)
{
    private static readonly string[] SystemFolders = OperatingSystem.IsLinux() ? ["/proc", "/sys"] : [];

    // The application lives in it: it stays where it is for as long as that runs.
    private readonly Lazy<string> _data = new(() => Resolve(Path.GetFullPath(sparkify.Value.DataDirectory)));
    private readonly Lazy<FolderId?> _dataId = new(() => FolderId.Of(sparkify.Value.DataDirectory));

    /// <summary>The full path of a location; throws a sentence when it is none or may not be read.</summary>
    /// <param name="location">What was typed.</param>
    /// <param name="what">What it is for: <c>events</c>, <c>songs</c> or <c>JSONPaths</c>.</param>
    /// <param name="trust">How far the source is trusted.</param>
    public string Locate(string location, string what, SourceTrust trust)
    {
        // It may come from JSON, which knows no nullability.
        var typed = location?.Trim() ?? "";
        if (typed.Length == 0)
        {
            throw SparkifyException.Invalid($"The {what} location is empty. Give the full path of a folder, such as /data/{what}, or an S3 prefix, such as s3://bucket/{what}/.");
        }

        if (typed.Contains('\0', StringComparison.Ordinal))
        {
            throw SparkifyException.Invalid(
                $"The {what} location holds a character that no path can have. Give the full path of a folder.");
        }

        if (typed.Contains("://", StringComparison.Ordinal))
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{typed}' is nowhere Sparkify reads from. Give the full path of a folder on this machine, such as /data/{what}, "
                + $"or an S3 prefix, such as s3://bucket/{what}/.");
        }

        var path = HomeFolder.Expand(typed);
        if (!Path.IsPathFullyQualified(path))
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{typed}' is a relative path, which would depend on where Sparkify was started. "
                + $"Give its full path, such as {Path.Combine(Path.GetPathRoot(Environment.CurrentDirectory) ?? "/", "data", what)}.");
        }

        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        Demand(path, full, trust);
        return full;
    }

    /// <summary>Throws a sentence when a path leads, through whatever links, to where sources may not be read.</summary>
    /// <param name="path">The path.</param>
    /// <param name="root">The location it belongs to.</param>
    /// <param name="trust">How far the source is trusted.</param>
    public void Demand(string path, string root, SourceTrust trust)
    {
        var real = Resolve(path);
        if (trust != SourceTrust.Sample && IsDataFolder(real))
        {
            throw OwnData(path);
        }

        DemandReal(path, real, root, trust);
    }

    /// <summary>The same of a path of which it is known where it leads.</summary>
    public void DemandReal(string path, string real, string root, SourceTrust trust)
    {
        if (trust == SourceTrust.Sample)
        {
            if (!RealPath.IsInside(real, Path.Combine(_data.Value, SampleFolder.Name)))
            {
                throw SparkifyException.Denied($"'{path}' leads out of the folder of the generated samples.");
            }

            return;
        }

        if (RealPath.IsInside(real, _data.Value) || RealPath.IsInside(_data.Value, real))
        {
            throw OwnData(path);
        }

        if (SystemFolders.Any(folder => RealPath.IsInside(real, folder)))
        {
            throw SparkifyException.Denied(
                $"'{path}' leads to what the system shows of itself ('{real}'), which is never a source. Choose a folder with files.");
        }

        // Resolved anew at each use: a folder that was allowed may have become a link to somewhere else since the start.
        if ((sources.Value.AllowedFolders.Length > 0 || trust == SourceTrust.Vouched) && !IsAllowed(real)
            && !(trust == SourceTrust.Vouched && RealPath.IsInside(real, Resolve(root))))
        {
            throw Outside(path, real);
        }
    }

    /// <summary>Throws a sentence when sources may not be in a bucket.</summary>
    public void DemandBucket(string bucket, SourceTrust trust)
    {
        if (trust == SourceTrust.Listed && sources.Value.AllowedBuckets is { Length: > 0 } allowed
            && !allowed.Contains(bucket, StringComparer.Ordinal))
        {
            throw SparkifyException.Denied(
                $"The bucket '{bucket}' is none of those that sources may be read from. Add it to the setting {SourceOptions.Section}:{nameof(SourceOptions.AllowedBuckets)}.");
        }
    }

    /// <summary>
    /// A source as somebody may describe it. What the lists do not hold is for administrators, who vouch for it; whoever sits at the
    /// machine itself is bound by lists that are set, and free where there are none, because they are who the application runs as.
    /// </summary>
    public SourceSpec Admit(SourceSpec spec, Actor actor)
    {
        if (spec is not LocationSource source)
        {
            return spec;
        }

        var outside = actor == Actor.LocalAdministrator ? null : source.Locations.FirstOrDefault(l => !IsListed(l, source));
        return outside is null ? source with { Vouched = false }
            : actor.May(Right.Administer) ? source with { Vouched = true }
            : throw NotListed(outside);
    }

    /// <summary>Throws a sentence when somebody may not have a cluster's loads write where they say.</summary>
    public void DemandStaging(string location, Actor actor)
    {
        var bucket = S3Path.Parse(location, "staging").Bucket;
        if (actor == Actor.LocalAdministrator)
        {
            DemandBucket(bucket, SourceTrust.Listed);
        }
        else if (!actor.May(Right.Administer) && !sources.Value.AllowedBuckets.Contains(bucket, StringComparer.Ordinal))
        {
            throw NotListed(location);
        }
    }

    private bool IsListed(string location, LocationSource source) => S3Path.Is(location)
        ? source.Simulated || sources.Value.AllowedBuckets.Contains(S3Path.Parse(location, "source").Bucket, StringComparer.Ordinal)
        // What is no full path is refused for what it is when it is opened.
        : HomeFolder.Expand(location) is var path && (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal)
            || IsAllowed(Resolve(path)));

    private bool IsAllowed(string real) =>
        sources.Value.AllowedFolders.Any(allowed => RealPath.IsInside(real, Resolve(HomeFolder.Expand(allowed))));

    // Under another name: through a bind mount, or where the file system does not tell upper from lower case.
    private bool IsDataFolder(string real)
    {
        if (_dataId.Value is not { } data)
        {
            return false;
        }

        for (var at = real; at is not null; at = Path.GetDirectoryName(at))
        {
            if (FolderId.Of(at) == data)
            {
                return true;
            }
        }

        var own = FolderId.Of(real);
        for (var at = _data.Value; own is not null && at is not null; at = Path.GetDirectoryName(at))
        {
            if (FolderId.Of(at) == own)
            {
                return true;
            }
        }

        return false;
    }

    private SparkifyException OwnData(string path) => SparkifyException.Denied(
        $"'{path}' is, holds or leads into the folder where Sparkify keeps its own data, keys and passwords ('{_data.Value}'), which is never a source. Choose another folder.");

    private static SparkifyException NotListed(string location) => SparkifyException.Denied(
        $"'{location}' is outside the folders and buckets that sources may be described in. Sparkify would read it as itself, which may be more than you may read: "
        + $"have an administrator describe this source, or add the place to {SourceOptions.Section}:{nameof(SourceOptions.AllowedFolders)} or {SourceOptions.Section}:{nameof(SourceOptions.AllowedBuckets)}.");

    private static SparkifyException Outside(string path, string real)
    {
        var straight = string.Equals(real, Path.TrimEndingDirectorySeparator(path), StringComparison.Ordinal);
        var leads = straight ? "" : $" leads to '{real}', which";
        return SparkifyException.Denied(
            $"'{path}'{leads} is outside the folders that sources may be read from. Start Sparkify with `./run.sh FOLDER` to allow it, "
            + $"or add it to the setting {SourceOptions.Section}:{nameof(SourceOptions.AllowedFolders)}.");
    }

    /// <summary>Where a path really leads; throws a sentence when that is nowhere.</summary>
    public static string Resolve(string path)
    {
        try
        {
            return RealPath.Resolve(path);
        }
        catch (IOException ex)
        {
            throw SparkifyException.Invalid($"'{path}' cannot be followed: {ex.Message}", ex);
        }
    }
}

/// <summary>The shell's <c>~</c>.</summary>
internal static class HomeFolder
{
    /// <summary>Puts the user's own folder in place of a leading <c>~</c>.</summary>
    public static string Expand(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;
}
