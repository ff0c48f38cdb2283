using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;

namespace Sparkify.Core.Sources;

/// <summary>One file of a source.</summary>
/// <param name="Name">Its path below the location, with forward slashes.</param>
/// <param name="Bytes">Its size as stored.</param>
/// <param name="Modified">When it was last written.</param>
/// <param name="Tag">Changes when the content changes, where the store of files keeps such a thing (S3's ETag).</param>
public sealed record SourceFile(string Name, long Bytes, DateTimeOffset Modified, string? Tag = null);

/// <summary>A source that can be listed and read.</summary>
public interface ISource
{
    /// <summary>The location of one part, as a person would name it.</summary>
    string Location(SourcePart part);

    /// <summary>Whether each file of one part is mostly waited for (it is on S3), so that many should be read at once.</summary>
    bool IsRemote(SourcePart part) => false;

    /// <summary>
    /// Every data file of one part, in ordinal order of its name: <c>.json</c>, <c>.jsonl</c> and <c>.ndjson</c>, each also with
    /// <c>.gz</c>, and what has no ending when its first bytes are JSON or gzip. What else is there, the JSONPaths file apart, is counted
    /// in <paramref name="leftOut"/>. Throws a <see cref="SparkifyException"/> with a sentence when the location cannot be listed.
    /// </summary>
    IAsyncEnumerable<SourceFile> ListAsync(SourcePart part, CancellationToken ct, LeftOutTally? leftOut = null);

    /// <summary>
    /// One data file by its name, found without listing the others where that can be; none when there is no such file. Throws as listing
    /// does.
    /// </summary>
    async Task<SourceFile?> FindAsync(SourcePart part, string name, CancellationToken ct) =>
        await ListAsync(part, ct).FirstOrDefaultAsync(file => file.Name == name, ct);

    /// <summary>
    /// Opens a file at a byte offset of its stored form (no decompression). Throws a <see cref="SparkifyException"/> with a sentence when
    /// it cannot.
    /// </summary>
    ValueTask<Stream> OpenAsync(SourcePart part, SourceFile file, long offset, CancellationToken ct);

    /// <summary>The content of the JSONPaths file, or none when the source has none.</summary>
    Task<byte[]?> ReadJsonPathsAsync(CancellationToken ct);
}

/// <summary>How far the preparation of a source has come (only the sample needs any).</summary>
/// <param name="Done">Files written so far.</param>
/// <param name="Total">Files to write.</param>
public sealed record SourcePreparation(long Done, long Total);

/// <summary>What a test of one part of a source found.</summary>
/// <param name="Location">Where it looked.</param>
/// <param name="Files">How many data files are there; none when unknown.</param>
/// <param name="Bytes">Their size together; none when unknown.</param>
/// <param name="More">Whether the count stopped early because there are very many.</param>
/// <param name="Records">The first records, each as its JSON text (capped), from the first file that has any.</param>
/// <param name="Problem">What is wrong and what to do about it, or none.</param>
public sealed record SourcePartReport(
    string Location, long? Files, long? Bytes, bool More, IReadOnlyList<string> Records, string? Problem)
{
    /// <summary>What a load would not read of what is there; of very many files, as far as they were counted.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; init; } = [];

    /// <summary>What is wrong with single files, as sentences: a load would reject what they hold, and go on.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>What a COPY on Redshift rejects in the first records though a local load takes it, as sentences.</summary>
    public IReadOnlyList<string> OnRedshift { get; init; } = [];

    /// <summary>All that is to be said to somebody who loads it there.</summary>
    public IEnumerable<string> RemarksFor(bool redshift) => redshift ? Remarks.Concat(OnRedshift) : Remarks;
}

/// <summary>What a test of a source found.</summary>
/// <param name="Events">What was found of the events.</param>
/// <param name="Songs">What was found of the songs.</param>
/// <param name="JsonPathsProblem">What is wrong with the JSONPaths file; none when nothing is.</param>
public sealed record SourceReport(SourcePartReport Events, SourcePartReport Songs, string? JsonPathsProblem)
{
    /// <summary>Whether the source can be loaded.</summary>
    public bool Good => Problems.Count == 0;

    /// <summary>Every problem found, as sentences.</summary>
    public IReadOnlyList<string> Problems => [.. new[] { Events.Problem, Songs.Problem, JsonPathsProblem }.OfType<string>().Distinct()];
}

/// <summary>Opens and tests sources.</summary>
[Guarded]
public interface ISources
{
    /// <summary>Opens a source for reading; generates the sample's files first when they are not there.</summary>
    [Needs(Right.Nobody, Subject.All)]
    Task<ISource> OpenAsync(SourceSpec spec, IProgress<SourcePreparation>? progress, CancellationToken ct);

    /// <summary>Looks whether a source can be loaded and shows its first records; problems are in the report, not thrown.</summary>
    [Needs(Right.Engineer, Subject.All)]
    Task<SourceReport> TestAsync(SourceSpec spec, CancellationToken ct);
}
