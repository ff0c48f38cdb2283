using System.Runtime.InteropServices;

namespace Sparkify.Core.Sources.Folders;

/// <summary>What makes a file or folder the same one under every name it has.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct FolderId(ulong Device, ulong Node)
{
    // statx(2), which is laid out alike on every architecture: STATX_INO; the inode is 8 bytes at 32, the device two numbers of 4 bytes at
    // 136.
    private const int CurrentFolder = -100, FollowLinks = 0, NodeOnly = 0x100, Size = 256, NodeAt = 32, DeviceAt = 136;

    /// <summary>That of a path; none where it cannot be told.</summary>
    public static unsafe FolderId? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var state = stackalloc byte[Size];
        return statx(CurrentFolder, path, FollowLinks, NodeOnly, state) == 0
            ? new FolderId(*(ulong*)(state + DeviceAt), *(ulong*)(state + NodeAt))
            : null;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, byte* state);
}
