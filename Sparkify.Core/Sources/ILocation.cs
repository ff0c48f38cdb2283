namespace Sparkify.Core.Sources;

/// <summary>One location of a source: a folder or file on this machine, or a prefix on S3.</summary>
internal interface ILocation
{
    /// <summary>The location as a person would name it.</summary>
    string Text { get; }

    /// <summary>Whether each file is mostly waited for, so that many should be read at once.</summary>
    bool IsRemote { get; }

    /// <summary>Whether everything at the other location is at this one, too.</summary>
    bool Holds(ILocation other);

    /// <summary>Its data files in a fixed order; <paramref name="skip"/> is no data. What else is there is counted.</summary>
    IAsyncEnumerable<SourceFile> ListAsync(ILocation? skip, LeftOutTally leftOut, CancellationToken ct);

    /// <summary>The one of its data files that has a name; none when there is none.</summary>
    async Task<SourceFile?> FindAsync(ILocation? skip, string name, CancellationToken ct) =>
        await ListAsync(skip, new LeftOutTally(), ct).FirstOrDefaultAsync(file => file.Name == name, ct);

    /// <summary>Opens one of its files at a byte offset.</summary>
    ValueTask<Stream> OpenAsync(SourceFile file, long offset, CancellationToken ct);

    /// <summary>The content of the small file that the location itself names.</summary>
    Task<byte[]> ReadAsync(CancellationToken ct);
}
