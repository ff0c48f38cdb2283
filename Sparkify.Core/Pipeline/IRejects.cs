using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Sources;

namespace Sparkify.Core.Pipeline;

/// <summary>A source record that could not be staged.</summary>
/// <param name="Run">The run that met it.</param>
/// <param name="Part">Events or songs.</param>
/// <param name="File">The file it is in.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Offset">The byte it starts at, from 0, in the file's uncompressed form.</param>
/// <param name="Column">The column of the staging table that refused it; none when the record is no JSON object.</param>
/// <param name="Reason">What is wrong, as a sentence.</param>
/// <param name="Raw">The record as it stands in the file, at most 4,000 characters.</param>
public sealed record Reject(long Run, SourcePart Part, string File, long Line, long Offset, string? Column, string Reason, string Raw);

/// <summary>Which rejects to list; a none means any (of the latest load, for the run).</summary>
/// <param name="Run">The load, or check of the files, that met them.</param>
/// <param name="Part">Events or songs.</param>
/// <param name="Page">The page, from 1.</param>
/// <param name="Size">How many a page has.</param>
/// <param name="Reason">Why, as <see cref="RejectReason.Reason"/> says it.</param>
/// <param name="Order">In which order.</param>
public sealed record RejectFilter(
    long? Run = null, SourcePart? Part = null, int Page = 1, int Size = 50, string? Reason = null, RejectOrder Order = RejectOrder.Place)
{
    /// <summary>How many a page has at most.</summary>
    public const int MostOnAPage = 500;
}

/// <summary>In which order rejects are listed; those that are alike stand by file and line.</summary>
public enum RejectOrder
{
    /// <summary>By file and line.</summary>
    Place,

    /// <summary>By file and line, the last first.</summary>
    PlaceDown,

    /// <summary>By what is wrong, as it is said of each record.</summary>
    Reason,

    /// <summary>By what is wrong, the last first.</summary>
    ReasonDown,
}

/// <summary>Rejects that have one reason.</summary>
/// <param name="Reason">What is wrong, as a sentence that is the same whatever the record's value is.</param>
/// <param name="Remedy">What to do about it, in a sentence or two.</param>
/// <param name="Records">How many records have it.</param>
/// <param name="Files">In how many files.</param>
/// <param name="Parts">Events, songs or both.</param>
public sealed record RejectReason(string Reason, string Remedy, long Records, long Files, IReadOnlyList<SourcePart> Parts);

/// <summary>One named data test of one load.</summary>
/// <param name="Name">Its name, such as <c>songplays_key_unique</c>.</param>
/// <param name="Question">What it asks, in a sentence.</param>
/// <param name="Outcome">How it came out.</param>
/// <param name="Found">How many rows offend: 0 when it passed, and when it failed because it got no answer.</param>
/// <param name="Detail">What was found, or why nothing could be, as a sentence; none where the question says it all.</param>
public sealed record CheckResult(string Name, string Question, CheckOutcome Outcome, long Found, string? Detail = null)
{
    /// <summary>The step of a load that makes them.</summary>
    public const string Step = "checks";

    /// <summary>Whether nothing is to be said.</summary>
    public bool Passed => Outcome == CheckOutcome.Passed;
}

/// <summary>How a check came out.</summary>
public enum CheckOutcome
{
    /// <summary>Nothing was found.</summary>
    Passed,

    /// <summary>The star agrees with itself, but is hard to believe: it is published, and a person should look.</summary>
    Warning,

    /// <summary>The star agrees with itself, but can hardly be true: a person decides whether it is published.</summary>
    NeedsDecision,

    /// <summary>The star contradicts itself: it is not published.</summary>
    Failed,
}

/// <summary>What loads leave behind besides the star: rejects and check results.</summary>
[Guarded]
public interface ILoadRecords
{
    /// <summary>Rejects of one load, in the order that is asked for.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<Page<Reject>> RejectsAsync(string warehouse, RejectFilter filter, CancellationToken ct);

    /// <summary>The same one by one, whatever page was asked for.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    IAsyncEnumerable<Reject> AllRejectsAsync(string warehouse, RejectFilter filter, CancellationToken ct);

    /// <summary>What is wrong with the rejects of one load, the most frequent first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<RejectReason>> ReasonsAsync(string warehouse, long? run, SourcePart? part, CancellationToken ct);

    /// <summary>Check results of one run, or of the warehouse's latest load that came to its checks.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<CheckResult>> ChecksAsync(string warehouse, long? run, CancellationToken ct);
}
