using System.Runtime.CompilerServices;
using Sparkify.Core.Common;

namespace Sparkify.Core.Sources.Folders;

/// <summary>Folders (or single files) on this machine.</summary>
internal sealed class FolderSource : ISource
{
    private const int MostJsonPathsBytes = 1 << 20;

    private readonly SourceAccess _access;
    private readonly string _events;
    private readonly string _songs;
    private readonly string? _jsonPaths;

    /// <summary>Checks the locations' form and permission, not yet what is there.</summary>
    public FolderSource(LocationSource spec, SourceAccess access)
    {
        _access = access;
        _events = access.Locate(spec.Events, "events");
        _songs = access.Locate(spec.Songs, "songs");
        _jsonPaths = string.IsNullOrWhiteSpace(spec.JsonPaths) ? null : access.Locate(spec.JsonPaths, "JSONPaths");
        RefuseOverlap();
    }

    /// <inheritdoc/>
    public string Location(SourcePart part) => part == SourcePart.Events ? _events : _songs;

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceFile> ListAsync(SourcePart part, [EnumeratorCancellation] CancellationToken ct)
    {
        var location = Location(part);
        var what = Word(part);
        _access.Demand(location);
        if (File.Exists(location))
        {
            yield return Single(location, what);
            yield break;
        }

        if (!Directory.Exists(location))
        {
            throw Unlisted(location, what);
        }

        var tally = new FolderTally();
        var any = false;
        var skip = _jsonPaths is null ? null : SourceAccess.Resolve(_jsonPaths);
        await foreach (var file in new FolderWalk(location, what, _access, skip, tally).FilesAsync(ct))
        {
            any = true;
            yield return file;
        }

        if (!any)
        {
            throw FolderProblems.NoData($"{what} folder", location, tally);
        }
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(SourcePart part, SourceFile file, long offset, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var location = Location(part);
        var root = File.Exists(location) ? Path.GetDirectoryName(location)! : location;
        var path = Path.GetFullPath(Path.Combine(root, file.Name));
        if (!RealPath.IsInside(path, root))
        {
            throw SparkifyException.Denied($"'{file.Name}' is no file below the {Word(part)} location '{location}'.");
        }

        _access.Demand(path);
        var stream = Open(path, $"{Word(part)} file");
        if (offset > stream.Length)
        {
            stream.Dispose();
            throw SparkifyException.Invalid(
                $"The {Word(part)} file '{path}' has become shorter than {offset:N0} bytes since it was listed. "
                + "Load again when nothing writes to it any more.");
        }

        stream.Seek(offset, SeekOrigin.Begin);
        return ValueTask.FromResult<Stream>(stream);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> ReadJsonPathsAsync(CancellationToken ct)
    {
        if (_jsonPaths is null)
        {
            return null;
        }

        _access.Demand(_jsonPaths);
        await using var stream = Open(_jsonPaths, "JSONPaths file");
        if (stream.Length > MostJsonPathsBytes)
        {
            throw SparkifyException.Invalid(
                $"The JSONPaths file '{_jsonPaths}' has {stream.Length:N0} bytes, far more than such a file needs. Choose the JSONPaths file itself.");
        }

        var content = new byte[stream.Length];
        await stream.ReadExactlyAsync(content, ct);
        return content;
    }

    private static string Word(SourcePart part) => part == SourcePart.Events ? "events" : "songs";

    private static SourceFile Single(string path, string what)
    {
        if (!FolderWalk.IsData(path))
        {
            throw SparkifyException.Invalid(
                $"The {what} location '{path}' is a file that does not end in .json or .json.gz. Choose a JSON file, or the folder that holds them.");
        }

        var info = new FileInfo(path);
        info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
        return new SourceFile(Path.GetFileName(path), info.Length, new DateTimeOffset(info.LastWriteTimeUtc));
    }

    /// <summary>Why neither a file nor a folder is seen there: often a parent that may not be entered, and that is another sentence.</summary>
    private static SparkifyException Unlisted(string location, string what)
    {
        try
        {
            _ = File.GetAttributes(location);
            return FolderProblems.Missing($"{what} folder", location);
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            return FolderProblems.Sentence(ex, $"{what} folder", location);
        }
    }

    private static FileStream Open(string path, string what)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                // A log that is still being written can be read up to the size it had when it was listed.
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.SequentialScan | FileOptions.Asynchronous,
            });
        }
        catch (Exception ex) when (FolderProblems.Knows(ex))
        {
            throw FolderProblems.Sentence(ex, what, path);
        }
    }

    private void RefuseOverlap()
    {
        var (events, songs) = (SourceAccess.Resolve(_events), SourceAccess.Resolve(_songs));
        if (string.Equals(events, songs, StringComparison.Ordinal))
        {
            throw SparkifyException.Invalid($"Events and songs are both at '{_events}'. Give each its own folder, or songs would be read as events.");
        }

        if (RealPath.IsInside(songs, events))
        {
            throw SparkifyException.Invalid(
                $"The songs location '{_songs}' is inside the events location '{_events}', so songs would be read as events. Give each its own folder.");
        }

        if (RealPath.IsInside(events, songs))
        {
            throw SparkifyException.Invalid(
                $"The events location '{_events}' is inside the songs location '{_songs}', so events would be read as songs. Give each its own folder.");
        }
    }
}
