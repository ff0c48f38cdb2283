using System.Text;

namespace Sparkify.Core.Common;

/// <summary>Files with secrets: nobody but their owner may read them, from the first byte on.</summary>
internal static class SecretFile
{
    /// <summary>
    /// Writes a new file in one piece: killed on the way, there is none rather than half of one. Fails when there is one already.
    /// </summary>
    public static void Create(string path, string secret)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        Write(unfinished, secret);
        File.Move(unfinished, path, overwrite: false);
    }

    /// <summary>Writes a file in one piece in the place of the one there is: killed on the way, the old one stays.</summary>
    public static void Replace(string path, string secret)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        Write(unfinished, secret);
        File.Move(unfinished, path, overwrite: true);
    }

    private static void Write(string path, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.UTF8.GetBytes(secret));
        file.Flush(flushToDisk: true);
    }
}
