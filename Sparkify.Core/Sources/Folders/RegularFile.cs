using System.Runtime.InteropServices;

namespace Sparkify.Core.Sources.Folders;

/// <summary>Tells files from what only looks like one: opening a pipe nobody writes to would never return.</summary>
internal static partial class RegularFile
{
    // statx(2): the layout is the same on every architecture. AT_FDCWD, STATX_TYPE; the mode is 2 bytes at 28, S_IFMT 0xF000, S_IFREG
    // 0x8000.
    private const int CurrentFolder = -100, FollowLinks = 0, TypeOnly = 1, Size = 256, ModeAt = 28, TypeMask = 0xF000, Regular = 0x8000;

    /// <summary>Whether it is a file whose content ends. Asked of the system only for what seems to be empty, as all else does.</summary>
    public static unsafe bool Is(FileInfo file)
    {
        if (file.Length > 0 || !OperatingSystem.IsLinux())
        {
            return true;
        }

        var state = stackalloc byte[Size];
        return statx(CurrentFolder, file.FullName, FollowLinks, TypeOnly, state) != 0 // gone or not to be looked at: opening it tells why
            || (*(ushort*)(state + ModeAt) & TypeMask) == Regular;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* state);
}
