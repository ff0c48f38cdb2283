namespace Sparkify.Simulator.State;

/// <summary>An S3 bucket: objects in memory, over the files of a folder when it has one. Nothing is ever written to the folder.</summary>
internal sealed class Bucket(string name, string region, DateTimeOffset createdAt, string? folder = null)
{
    private readonly SortedDictionary<string, StoredObject> _written = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly FolderObjects? _folder = folder is null ? null : new FolderObjects(folder);

    public string Name { get; } = name;

    public string Region { get; } = region;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public string? Folder { get; } = folder;

    /// <summary>Uploads in parts that are under way, by their ids; they end with the simulator.</summary>
    public Dictionary<string, Upload> Uploads { get; } = new(StringComparer.Ordinal);

    /// <summary>What was written to it, and what of its folder was deleted.</summary>
    public (IReadOnlyCollection<StoredObject> Written, IReadOnlyCollection<string> Deleted) Overlay => (_written.Values, _deleted);

    /// <summary>Everything under a prefix, in the order of the keys.</summary>
    public IEnumerable<StoredObject> List(string prefix)
    {
        var written = _written.Values.Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal));
        return _folder is null ? written : _folder.List()
            .Where(o => o.Key.StartsWith(prefix, StringComparison.Ordinal) && !_written.ContainsKey(o.Key) && !_deleted.Contains(o.Key))
            .Concat(written).OrderBy(static o => o.Key, StringComparer.Ordinal);
    }

    public StoredObject? Find(string key) => _written.GetValueOrDefault(key) ?? (_deleted.Contains(key) ? null : _folder?.Find(key));

    public void Put(StoredObject stored)
    {
        _written[stored.Key] = stored;
        _deleted.Remove(stored.Key);
    }

    public void Delete(string key)
    {
        _written.Remove(key);
        if (_folder is not null)
        {
            _deleted.Add(key);
        }
    }
}

/// <summary>An object that comes in parts.</summary>
internal sealed record Upload(string Key, string ContentType)
{
    public SortedDictionary<int, byte[]> Parts { get; } = [];
}

/// <summary>An S3 object: its bytes, or the file that holds them.</summary>
internal sealed record StoredObject(string Key, long Length, string ETag, DateTimeOffset ModifiedAt, string ContentType)
{
    public byte[]? Content { get; init; }

    public string? Path { get; init; }

    public Stream Open() => Content is not null ? new MemoryStream(Content, writable: false)
        : new FileStream(Path!, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.SequentialScan,
        });
}

/// <summary>The files of a folder as objects: a path below it is the key. The list is at most a second old.</summary>
internal sealed class FolderObjects(string folder)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private Dictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private long? _readAt;

    public IEnumerable<StoredObject> List()
    {
        if (_readAt is not { } at || TimeProvider.System.GetElapsedTime(at) > Fresh)
        {
            var root = new DirectoryInfo(folder);
            _objects = !root.Exists
                ? new(StringComparer.Ordinal)
                : root.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
                .Select(file => Of(
                    System.IO.Path.GetRelativePath(folder, file.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/'), file))
                .ToDictionary(static o => o.Key, StringComparer.Ordinal);
            _readAt = TimeProvider.System.GetTimestamp();
        }

        return _objects.Values;
    }

    public StoredObject? Find(string key)
    {
        if (!_objects.TryGetValue(key, out var known))
        {
            // Only what a list shows is an object: a key with .. in it leads nowhere.
            known = List().FirstOrDefault(o => o.Key == key);
        }

        return known?.Path is { } path && new FileInfo(path) is { Exists: true } file ? Of(key, file) : null;
    }

    // In the form of an upload in parts: clients take any other for the MD5 of the content, and check it.
    private static StoredObject Of(string key, FileInfo file) => new(
        key, file.Length, $"\"{file.LastWriteTimeUtc.Ticks:x16}{file.Length:x16}-1\"", new DateTimeOffset(
            file.LastWriteTimeUtc), "binary/octet-stream")
    {
        Path = file.FullName,
    };
}
