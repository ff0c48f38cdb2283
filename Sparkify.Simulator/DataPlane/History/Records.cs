namespace Sparkify.Simulator.DataPlane.History;

/// <summary>A statement, as SYS_QUERY_HISTORY shows it.</summary>
internal sealed class QueryRecord
{
    public required long Id { get; init; }

    public required string User { get; init; }

    public required string? Label { get; init; }

    public required long Transaction { get; init; }

    public required int Session { get; init; }

    public required string Type { get; init; }

    public required string Text { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public string Status { get; set; } = "running";

    public string? Error { get; set; }

    public long Rows { get; set; }

    /// <summary>What a COPY has done by now; none for other statements.</summary>
    public LoadRecord? Load { get; set; }
}

/// <summary>A COPY, as SYS_LOAD_HISTORY, SYS_LOAD_DETAIL and SYS_LOAD_ERROR_DETAIL show it.</summary>
internal sealed class LoadRecord
{
    private readonly Lock _gate = new();
    private List<LoadedFile> _files = [];
    private List<LoadError> _errors = [];
    private long _rows, _bytes, _scanned, _fileBytes, _errorCount;

    public required string Table { get; init; }

    public required string Source { get; init; }

    public required string Format { get; init; }

    public string Status { get; set; } = "running";

    public int SourceFiles { get; set; }

    public long SourceBytes { get; set; }

    public long Rows => Volatile.Read(ref _rows);

    public long Bytes => Volatile.Read(ref _bytes);

    public long FilesScanned => Volatile.Read(ref _scanned);

    public long FileBytesScanned => Volatile.Read(ref _fileBytes);

    public long Errors => Volatile.Read(ref _errorCount);

    public void AddRow(int bytes)
    {
        _rows++;
        _bytes += bytes;
    }

    public void AddFileBytes(long bytes) => _fileBytes += bytes;

    public void Add(LoadedFile file)
    {
        lock (_gate)
        {
            _scanned++;
            _files.Add(file);
        }
    }

    public void Add(LoadError error)
    {
        lock (_gate)
        {
            _errorCount++;
            _errors.Add(error);
        }
    }

    /// <summary>The files and errors since the last time.</summary>
    public (List<LoadedFile> Files, List<LoadError> Errors) TakeNews()
    {
        lock (_gate)
        {
            var news = (_files, _errors);
            (_files, _errors) = ([], []);
            return news;
        }
    }
}

/// <summary>A file a COPY has read.</summary>
internal sealed record LoadedFile(string Name, long Bytes, long Lines, DateTimeOffset StartedAt, DateTimeOffset EndedAt);

/// <summary>A record a COPY could not load.</summary>
internal sealed record LoadError(
    string File, long Line, string Column, string Type, string Length, int Position, int Code, string Message, string Record, string Value,
    DateTimeOffset At);

/// <summary>A transaction, as SYS_TRANSACTION_HISTORY shows it.</summary>
internal sealed class TransactionRecord
{
    public required long Id { get; init; }

    public required string User { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; set; }

    public string Status { get; set; } = "active";
}
