using System.Text;
using Sparkify.Core.Common;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;

namespace Sparkify.Tests.Core.Pipeline.Staging;

/// <summary>Files in memory; a test can make one shorter, longer, unreadable or endless.</summary>
internal sealed class MemorySource(IReadOnlyList<(string Name, byte[] Content)> files, string? jsonPaths = null) : ISource
{
    private int _opened;

    /// <summary>Replaces the stream of every file that is opened.</summary>
    public Func<byte[], Stream> Stream { get; init; } = static content => new MemoryStream(content, writable: false);

    /// <summary>How much larger (or smaller) files seemed when they were scanned.</summary>
    public int ScannedTooLarge { get; init; }

    public int Opened => _opened;

    /// <summary>Whether it pretends to be far away.</summary>
    public bool Remote { get; init; }

    public bool IsRemote(SourcePart part) => Remote;

    public IReadOnlyList<NumberedFile> Files => [.. files.Select((f, at) => new NumberedFile(
        at + 1, new SourceFile(f.Name, f.Content.Length + ScannedTooLarge, DateTimeOffset.UnixEpoch)))];

    public static MemorySource Of(byte[] content, string? jsonPaths = null) => new([("one.json", content)], jsonPaths);

    public string Location(SourcePart part) => "memory";

    public IAsyncEnumerable<SourceFile> ListAsync(SourcePart part, CancellationToken ct, LeftOutTally? leftOut = null) =>
        throw new NotSupportedException("Staging is given its files; it does not list them.");

    public ValueTask<Stream> OpenAsync(SourcePart part, SourceFile file, long offset, CancellationToken ct)
    {
        Interlocked.Increment(ref _opened);
        Assert.Equal(0, offset);
        return files.FirstOrDefault(f => f.Name == file.Name).Content is { } content
            ? ValueTask.FromResult(Stream(content))
            : throw SparkifyException.Unavailable($"The file {file.Name} is gone.");
    }

    public Task<byte[]?> ReadJsonPathsAsync(CancellationToken ct) =>
        Task.FromResult(jsonPaths is null ? null : Encoding.UTF8.GetBytes(jsonPaths));
}
