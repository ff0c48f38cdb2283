using System.Runtime.CompilerServices;
using Sparkify.Core.Common;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Core.Sources.Folders;

/// <summary>
/// A folder or a single file on this machine. Its form and permission are checked when it is made, not yet what is there.
/// </summary>
internal sealed class FolderLocation(string typed, string what, SourceAccess access, SourceTrust trust) : ILocation
{
    private readonly string _path = access.Locate(typed, what, trust);

    /// <inheritdoc/>
    public string Text => _path;

    /// <inheritdoc/>
    public bool IsRemote => false;

    /// <inheritdoc/>
    public bool Holds(ILocation other)
    {
        var own = SourceAccess.Resolve(_path);
        return other is FolderLocation folder && RealPath.IsInside(SourceAccess.Resolve(folder._path), own);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceFile> ListAsync(
        ILocation? skip, LeftOutTally leftOut, [EnumeratorCancellation] CancellationToken ct)
    {
        if (await MayHang.RunAsync(SingleOrNone, ct) is { } only)
        {
            yield return only;
            yield break;
        }

        var any = false;
        var file = skip is FolderLocation one ? await MayHang.RunAsync(() => SourceAccess.Resolve(one._path), ct) : null;
        await foreach (var found in new FolderWalk(_path, what, p => access.Demand(p, _path, trust), file, leftOut).FilesAsync(ct))
        {
            any = true;
            yield return found;
        }

        if (!any)
        {
            throw leftOut.NoData($"{what} folder", _path);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(SourceFile file, long offset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var root = File.Exists(_path) ? Path.GetDirectoryName(_path)! : _path;
        var path = Path.GetFullPath(Path.Combine(root, file.Name));
        if (!RealPath.IsInside(path, root))
        {
            throw SparkifyException.Denied($"'{file.Name}' is no file below the {what} location '{_path}'.");
        }

        var stream = Open(path);
        if (offset > stream.Length)
        {
            stream.Dispose();
            throw SparkifyException.Invalid(
                $"The {what} file '{path}' has become shorter than {offset:N0} bytes since it was listed. "
                + "Load again when nothing writes to it any more.");
        }

        stream.Seek(offset, SeekOrigin.Begin);
        return ValueTask.FromResult<Stream>(stream);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadAsync(CancellationToken ct)
    {
        return await MayHang.RunAsync(Content, ct);

        byte[] Content()
        {
            using var stream = Open(_path);
            JsonPaths.RefuseSize(stream.Length, _path);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
    }

    /// <summary>The file that the location is; none when it is a folder.</summary>
    private SourceFile? SingleOrNone()
    {
        access.Demand(_path, _path, trust);
        return File.Exists(_path) ? Single() : Directory.Exists(_path) ? null : throw Unlisted();
    }

    private SourceFile Single()
    {
        var named = SourceNames.IsData(_path);
        if (!named && !SourceNames.HasNoEnding(_path))
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{_path}' is a file that does not end in {SourceNames.Endings}. Choose a JSON file, or the folder that holds them.");
        }

        var info = new FileInfo(_path);
        info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
        if (!RegularFile.Is(info))
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{_path}' is a pipe, a socket or a device: reading it might never end. Choose a file or a folder.");
        }

        if (!named && FileBegin.WhyLeftOut(info) is not null)
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{_path}' is a file without an ending that is neither JSON nor gzip. Choose a JSON file, or the folder that holds them.");
        }

        return new SourceFile(Path.GetFileName(_path), info.Length, new DateTimeOffset(info.LastWriteTimeUtc));
    }

    /// <summary>
    /// Why neither a file nor a folder is seen there: often a parent that may not be entered, and that is another sentence.
    /// </summary>
    private SparkifyException Unlisted()
    {
        try
        {
            _ = File.GetAttributes(_path);
            return FolderProblems.Missing($"{what} folder", _path);
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            return FolderProblems.Sentence(ex, $"{what} folder", _path);
        }
    }

    private FileStream Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                // A log that is still being written can be read up to the size it had when it was listed.
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
                // Everybody reads in large pieces; and closing a file with a buffer waits for a read that is under way.
                BufferSize = 0,
            });
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            throw FolderProblems.Sentence(ex, $"{what} file", path);
        }

        try
        {
            // Of what was opened, and not of its name: that may lead elsewhere a moment later.
            access.DemandReal(path, RealPath.Of(stream.SafeFileHandle, path), _path, trust);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }
}
