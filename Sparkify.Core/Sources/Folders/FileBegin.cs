using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.Folders;

/// <summary>Looks at the first bytes of a file whose name does not tell what it is.</summary>
internal static class FileBegin
{
    /// <summary>Why a regular file without an ending is left out; none when it holds records.</summary>
    public static LeftOutReason? WhyLeftOut(FileInfo file)
    {
        if (file.Length == 0)
        {
            return LeftOutReason.Empty;
        }

        try
        {
            using var handle = File.OpenHandle(file.FullName, share: FileShare.ReadWrite | FileShare.Delete);
            Span<byte> begin = stackalloc byte[FileForm.Telling];
            return FileForm.IsData(begin[..RandomAccess.Read(handle, begin, 0)]) ? null : LeftOutReason.Unrecognised;
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            return LeftOutReason.Unreadable; // nobody called it data, so it keeps nobody from reading the rest
        }
    }
}
