namespace Sparkify.Core.Common;

/// <summary>The folder with the keys that everything secret is computed from or encrypted with.</summary>
public static class KeyFolder
{
    /// <summary>The one in a data folder, or one below it; made when it is not there, and nobody's but its owner's either way.</summary>
    public static DirectoryInfo In(string dataDirectory, string? below = null)
    {
        var keys = Private(Path.Combine(dataDirectory, "keys"));
        return below is null ? keys : Private(Path.Combine(keys.FullName, below));
    }

    private static DirectoryInfo Private(string path)
    {
        var folder = Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return folder;
    }
}
