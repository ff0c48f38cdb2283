using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sparkify.Core.Common;

/// <summary>Files with secrets: nobody but their owner may read them, from the first byte on.</summary>
internal static partial class SecretFile
{
    private const int ReadOnly = 0, NotForChildren = 0x80000, NotForChildrenOnMac = 0x1000000; // O_RDONLY, O_CLOEXEC

    /// <summary>
    /// Writes a new file in one piece: killed on the way, there is none rather than half of one. Fails when there is one already.
    /// </summary>
    public static void Create(string path, string secret)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        Write(unfinished, secret);
        File.Move(unfinished, path, overwrite: false);
        KeepName(path);
    }

    /// <summary>Writes a file in one piece in the place of the one there is: killed on the way, the old one stays.</summary>
    public static void Replace(string path, string secret)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        Write(unfinished, secret);
        File.Move(unfinished, path, overwrite: true);
        KeepName(path);
    }

    /// <summary>Opens a new file to write to, for what is too large to be written in one piece. Fails when there is one already.</summary>
    public static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static void Write(string path, string secret)
    {
        using var file = Open(path);
        file.Write(Encoding.UTF8.GetBytes(secret));
        file.Flush(flushToDisk: true);
    }

    // A machine that loses its power may forget a name until its folder is on the disk. .NET opens no folder, but flushes one.
    private static void KeepName(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var handle = open(folder, ReadOnly | (OperatingSystem.IsMacOS() ? NotForChildrenOnMac : NotForChildren));
        if (handle.IsInvalid)
        {
            throw new IOException($"The folder '{folder}' cannot be flushed to the disk: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle open(string path, int flags);
}
