using Microsoft.Extensions.Options;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources;

/// <summary>Turns what a person typed into a full path, and decides whether it may be read.</summary>
internal sealed class SourceAccess(IOptions<SourceOptions> sources, IOptions<SparkifyOptions> sparkify)
{
    /// <summary>The full path of a location; throws a sentence when it is none or may not be read.</summary>
    /// <param name="location">What was typed.</param>
    /// <param name="what">What it is for: <c>events</c>, <c>songs</c> or <c>JSONPaths</c>.</param>
    public string Locate(string location, string what)
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

        Demand(path);
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
    }

    /// <summary>Throws a sentence when a path leads, through whatever links, to where sources may not be read.</summary>
    public void Demand(string path)
    {
        if (sources.Value.AllowedFolders.Length == 0)
        {
            return;
        }

        // Resolved anew at each use: a folder that was allowed may have become a link to somewhere else since the start.
        var real = Resolve(path);
        if (!sources.Value.AllowedFolders.Append(sparkify.Value.DataDirectory)
            .Any(allowed => RealPath.IsInside(real, Resolve(HomeFolder.Expand(allowed)))))
        {
            var straight = string.Equals(real, Path.TrimEndingDirectorySeparator(path), StringComparison.Ordinal);
            var leads = straight ? "" : $" leads to '{real}', which";
            throw SparkifyException.Denied(
                $"'{path}'{leads} is outside the folders that sources may be read from. Start Sparkify with `./run.sh FOLDER` to allow it, "
                + $"or add it to the setting {SourceOptions.Section}:{nameof(SourceOptions.AllowedFolders)}.");
        }
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
