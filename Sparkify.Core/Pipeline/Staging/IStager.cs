using Npgsql;
using Sparkify.Core.Pipeline.Passing;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Star;

namespace Sparkify.Core.Pipeline.Staging;

/// <summary>What to stage and where.</summary>
/// <param name="Source">Where the files are read from.</param>
/// <param name="Part">Which part of it.</param>
/// <param name="Files">The files, exactly these, each up to the size it had when it was scanned.</param>
/// <param name="QualifiedTable">
/// The empty table to fill, with its schema and unquoted. The rows are in tables that inherit from it, one for each worker.
/// </param>
/// <param name="Database">Connections as the loader.</param>
/// <param name="MaxRejects">Fails when the number of bad records reaches this; 0 and 1 both mean at the first.</param>
internal sealed record StagingJob(
    ISource Source, SourcePart Part, IReadOnlyList<NumberedFile> Files, string QualifiedTable,
    NpgsqlDataSource Database, int MaxRejects)
{
    /// <summary>The staging table's shape: the part's own, unless it is another.</summary>
    public StarTable Table { get; init; } = RecordRules.TableOf(Part);

    /// <summary>What is made of the rows in passing; none when nothing is.</summary>
    public InPassing? Passing { get; init; }

    /// <summary>Whether rows are only made and not sent: to see what would be rejected.</summary>
    public bool OnlyChecks { get; init; }
}

/// <summary>What staging did. <c>Read = Staged + Rejected</c>, always.</summary>
/// <param name="Read">Records met.</param>
/// <param name="Staged">Rows written.</param>
/// <param name="Rejected">Bad records.</param>
/// <param name="FileRejects">Rejects that are about a file and no record of it.</param>
/// <param name="UnknownKeys">Keys no column takes, with how many records have them (at most 100 keys).</param>
/// <param name="MissingKeys">Columns' keys with how many records lack them (only those that some record lacks).</param>
/// <param name="Failed">Files without one good record.</param>
internal sealed record StagingResult(
    long Read, long Staged, long Rejected, long FileRejects, IReadOnlyDictionary<string, long> UnknownKeys,
    IReadOnlyDictionary<string, long> MissingKeys, IReadOnlyList<FailedFile> Failed);

/// <summary>Streams source files into a staging table.</summary>
internal interface IStager
{
    /// <summary>How many connections it writes over at once.</summary>
    int Connections { get; }

    /// <summary>
    /// Stages every file. Bad records go to <paramref name="onRejects"/> in batches (never concurrently) and the rest is loaded; when they
    /// reach the limit it throws a <see cref="Common.SparkifyException"/> that says so, after handing over the rejects met.
    /// </summary>
    Task<StagingResult> StageAsync(
        StagingJob job, StepProgress progress, Func<IReadOnlyList<StagingReject>, CancellationToken, Task> onRejects, CancellationToken ct);
}
