using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Folders;

/// <summary>What the file system answers, as sentences.</summary>
internal static class FolderProblems
{
    /// <summary>Whether this class knows a sentence for a failure.</summary>
    public static bool Knows(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    /// <summary>The sentence for a failure at a path.</summary>
    /// <param name="failure">What the file system answered.</param>
    /// <param name="what">What the path is, such as <c>events folder</c>.</param>
    /// <param name="path">Where it happened.</param>
    public static SparkifyException Sentence(Exception failure, string what, string path) => failure switch
    {
        DirectoryNotFoundException or FileNotFoundException => Missing(what, path),
        UnauthorizedAccessException or System.Security.SecurityException => SparkifyException.Invalid(
            $"The {what} '{path}' cannot be read: the user '{Environment.UserName}' that runs Sparkify has no permission. "
            + "Allow that user to read it, or choose another location.",
            failure),
        _ => SparkifyException.Unavailable($"The {what} '{path}' cannot be read: {failure.Message}", failure),
    };

    /// <summary>The sentence for a location that is not there.</summary>
    public static SparkifyException Missing(string what, string path)
    {
        var parent = Path.GetDirectoryName(path);
        while (parent is not null && !Directory.Exists(parent))
        {
            parent = Path.GetDirectoryName(parent);
        }

        return SparkifyException.Invalid($"The {what} '{path}' does not exist"
            + (parent is null ? "." : $" (the path exists up to '{parent}').") + " Correct the path, or create it first.");
    }
}
