using System.Runtime.CompilerServices;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Folders;

/// <summary>Lists a folder with all its subfolders in ordinal order of the full name, holding one folder's names at a time.</summary>
internal sealed class FolderWalk(string root, string what, Action<string> demand, string? skip, LeftOutTally leftOut)
{
    private string _root = "";

    // Links are followed by hand and failures are wanted: a subfolder left out silently would be data lost silently.
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    /// <summary>Every data file below the root.</summary>
    public async IAsyncEnumerable<SourceFile> FilesAsync([EnumeratorCancellation] CancellationToken ct)
    {
        // A stack of sorted folders rather than recursion: nested async iterators cost one state machine per level and file.
        var open = new Stack<(string Real, Queue<Entry> Left)>();
        var real = _root = await MayHang.RunAsync(() => Follow(root), ct);
        open.Push((real, await ReadAsync(root, "", ct)));
        while (open.TryPeek(out var folder))
        {
            ct.ThrowIfCancellationRequested();
            if (!folder.Left.TryDequeue(out var entry))
            {
                open.Pop();
                continue;
            }

            if (entry.File is { } file)
            {
                yield return file;
                continue;
            }

            var path = Path.Combine(root, entry.Name);
            real = entry.Link ? await MayHang.RunAsync(() => Follow(path), ct) : Path.Combine(folder.Real, Path.GetFileName(path));

            if (!entry.Link || !IsListedAnyway(real))
            {
                open.Push((real, await ReadAsync(path, entry.Name + "/", ct)));
            }
        }
    }

    // A link to something inside the root, or to a folder that holds the root, leads to what is listed by its own name: followed, every
    // record of it would be there twice.
    private bool IsListedAnyway(string real) =>
        $"{real}/".StartsWith($"{_root}/", StringComparison.Ordinal)
            || $"{_root}/".StartsWith($"{real.TrimEnd('/')}/", StringComparison.Ordinal);

    private Task<Queue<Entry>> ReadAsync(string path, string prefix, CancellationToken ct) =>
        MayHang.RunAsync(() => Read(path, prefix, ct), ct);

    private Queue<Entry> Read(string path, string prefix, CancellationToken ct)
    {
        List<Entry> entries = [];
        try
        {
            foreach (var info in new DirectoryInfo(path).EnumerateFileSystemInfos("*", Everything))
            {
                ct.ThrowIfCancellationRequested();
                if (Examine(info, prefix) is { } entry)
                {
                    entries.Add(entry);
                }
            }
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            throw FolderProblems.Sentence(ex, prefix.Length == 0 ? $"{what} folder" : $"subfolder of the {what}", path);
        }

        // With the slash in a folder's key, sorting each folder by itself gives the order of the full names.
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        return new Queue<Entry>(entries);
    }

    private Entry? Examine(FileSystemInfo info, string prefix)
    {
        var name = prefix + info.Name;
        // Bytes that are no UTF-8 come as U+FFFD, and by that name nothing can be looked at or opened.
        if (info.Name.Contains('\uFFFD', StringComparison.Ordinal) && !Path.Exists(info.FullName)
            && (info is DirectoryInfo || SourceNames.IsData(name)))
        {
            throw SparkifyException.Invalid(
                $"'{info.FullName}' has a name that is no UTF-8, so it cannot be opened by it. Rename it, or take it out of the source.");
        }

        var link = info.LinkTarget is not null;
        var isFolder = link ? Directory.Exists(info.FullName) : info is DirectoryInfo;

        if (SourceNames.IsHidden(info.Name, isFolder) || (!link && info.Attributes.HasFlag(FileAttributes.Hidden)))
        {
            leftOut.Add(LeftOutReason.Hidden, name);
            return null;
        }

        if (isFolder)
        {
            return new Entry(name, name + "/", null, link);
        }

        var named = SourceNames.IsData(name);
        if (!named && !SourceNames.HasNoEnding(name))
        {
            leftOut.Add(LeftOutReason.Ending, name);
            return null;
        }

        // Following every file's path would cost more than the listing: without a link, the names have to be equal first.
        if (skip is not null && (link || info.Name == Path.GetFileName(skip)) && SourceAccess.Resolve(info.FullName) == skip)
        {
            return null;
        }

        var file = link ? info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo : info as FileInfo;
        if (file is not { Exists: true })
        {
            if (!named)
            {
                leftOut.Add(LeftOutReason.Unreadable, name);
                return null;
            }

            throw SparkifyException.Invalid(
                $"'{info.FullName}' is a link to something that does not exist. Remove the link or bring its target back.");
        }

        if (!RegularFile.Is(file))
        {
            leftOut.Add(LeftOutReason.Special, name);
            return null;
        }

        if (link && IsListedAnyway(Follow(info.FullName)))
        {
            return null;
        }

        // Only what has no ending is opened while listing: a system call or three for each, and none for any other file.
        if (!named && FileBegin.WhyLeftOut(file) is { } reason)
        {
            leftOut.Add(reason, name);
            return null;
        }

        return new Entry(name, name, new SourceFile(name, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)), link);
    }

    private string Follow(string path)
    {
        var real = SourceAccess.Resolve(path);
        if (path == root || !IsListedAnyway(real))
        {
            demand(path);
        }

        return real;
    }

    private sealed record Entry(string Name, string Key, SourceFile? File, bool Link);
}
