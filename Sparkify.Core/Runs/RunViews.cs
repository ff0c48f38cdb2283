using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What a run does to its warehouse.</summary>
public enum RunKind
{
    /// <summary>Creates what the warehouse needs.</summary>
    Provision,

    /// <summary>Loads the source into the star.</summary>
    Load,

    /// <summary>Takes everything down again, with proof.</summary>
    Teardown,

    /// <summary>Stops a cluster without losing its data.</summary>
    Pause,

    /// <summary>Starts a paused cluster again.</summary>
    Resume,

    /// <summary>Reads the source as a load would and keeps nothing but what it would reject.</summary>
    Check,

    /// <summary>Publishes a star of before again.</summary>
    PutBack,

    /// <summary>Saves reports as files; a part of a chain.</summary>
    Export,
}

/// <summary>
/// The states of a run. Queued → running → succeeded, failed or cancelled; failed and cancelled go back to queued by a retry. A load that
/// is hard to believe stops at needs decision: published anyway it is queued again, else it is discarded.
/// </summary>
public enum RunState
{
    /// <summary>Waiting for its turn.</summary>
    Queued,

    /// <summary>At work.</summary>
    Running,

    /// <summary>Every step succeeded.</summary>
    Succeeded,

    /// <summary>A step failed; the rest was skipped.</summary>
    Failed,

    /// <summary>Someone cancelled it.</summary>
    Cancelled,

    /// <summary>It waits for a person: what it made is ready, but hard to believe.</summary>
    NeedsDecision,

    /// <summary>What it made was hard to believe and was not wanted.</summary>
    Discarded,
}

/// <summary>What a run that needs a decision is told.</summary>
public enum RunAnswer
{
    /// <summary>Go on with it.</summary>
    Publish,

    /// <summary>End it; what stood before it stays.</summary>
    Discard,
}

/// <summary>What a run asked a person, and the answer.</summary>
/// <param name="Asks">What is hard to believe, as sentences.</param>
/// <param name="Since">Since when it asks.</param>
/// <param name="Answer">What it was told; none while it waits.</param>
/// <param name="By">By whom.</param>
/// <param name="At">When.</param>
/// <param name="Why">Why, in that person's words, or what put an end to the question.</param>
public sealed record RunDecision(
    string Asks, DateTimeOffset Since, RunAnswer? Answer = null, string? By = null, DateTimeOffset? At = null, string? Why = null);

/// <summary>The states of a step.</summary>
public enum StepState
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>At work.</summary>
    Running,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Ended with an error.</summary>
    Failed,

    /// <summary>Stopped by a cancel.</summary>
    Cancelled,

    /// <summary>Not run because a step before it did not succeed.</summary>
    Skipped,
}

/// <summary>A run as shown to people and programs; an immutable snapshot.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Warehouse">The warehouse's name.</param>
/// <param name="Kind">What it does.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Error">Why it failed, as a sentence.</param>
/// <param name="Actor">Who started it.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="StartedAt">When it first began to work.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="CancelRequested">Whether someone asked to cancel it.</param>
/// <param name="Steps">Its steps in order, each with its latest attempt.</param>
/// <param name="Revision">Grows with every change; of two snapshots of one run the higher is the newer.</param>
public sealed record RunView(
    long Id, string Warehouse, RunKind Kind, RunState State, string? Error, string Actor,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, bool CancelRequested,
    IReadOnlyList<StepView> Steps, long Revision)
{
    /// <summary>
    /// What it waits for while it holds no worker, as a sentence without its full stop; none while it works, and when it has ended.
    /// </summary>
    public string? WaitsFor { get; init; }

    /// <summary>Its place among the queued runs, from 1; none unless it is queued.</summary>
    public int? Place { get; init; }

    /// <summary>The load whose star it puts back; none for every other kind of run.</summary>
    public long? Star { get; init; }

    /// <summary>
    /// How much of its source a load reads; none for every other kind of run, and for loads of before there was a choice.
    /// </summary>
    public LoadMode? Mode { get; init; }

    /// <summary>The snapshot a provisioning makes its cluster from; none for an empty one, and for every other kind of run.</summary>
    public string? Snapshot { get; init; }

    /// <summary>What a load adds to the star of before; none when it builds one of its own, and until it has looked.</summary>
    public RunAddition? Adds { get; init; }

    /// <summary>The chain it is a part of; none when it was started by itself.</summary>
    public long? Chain { get; init; }

    /// <summary>What it asked a person; none when nothing was hard to believe.</summary>
    public RunDecision? Decision { get; init; }

    /// <summary>Whether it still waits for its turn or works. A run that needs a decision does neither.</summary>
    public bool Active => State is RunState.Queued or RunState.Running;

    /// <summary>
    /// When it began, later by as long as it waited for a person: from here to <see cref="WorkedUntil"/> it took.
    /// </summary>
    public DateTimeOffset? WorkedFrom => StartedAt + (Decision?.At - Decision?.Since ?? TimeSpan.Zero);

    /// <summary>When it ended or began to ask; none while it waits for its turn or works.</summary>
    public DateTimeOffset? WorkedUntil => Active ? null : FinishedAt ?? Decision?.Since ?? StartedAt;

    /// <summary>Whether this snapshot is to be shown in the place of another of the same run, or of none.</summary>
    public bool IsNewerThan(RunView? known) => known is null || Revision > known.Revision;

    /// <summary>Bad records met so far over all steps.</summary>
    public long Rejects => Steps.Sum(s => s.Rejects ?? 0);

    /// <summary>What about the data a person should look at, so far over all steps; each is a warning in the log.</summary>
    public long Warnings => Steps.Sum(s => s.Warnings ?? 0);
}

/// <summary>One step of a run. Unknown numbers are none, never 0.</summary>
/// <param name="Name">Its name, such as <c>stage-events</c>.</param>
/// <param name="Title">Its name for people, such as "Stage events".</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">Which attempt this is, from 1.</param>
/// <param name="Rows">Rows written so far.</param>
/// <param name="Bytes">Bytes read so far.</param>
/// <param name="Files">Files read so far.</param>
/// <param name="TotalBytes">Bytes to read in all.</param>
/// <param name="TotalFiles">Files to read in all.</param>
/// <param name="Rejects">Bad records met so far.</param>
/// <param name="Share">Part done, 0 to 1.</param>
/// <param name="RowsPerSecond">Rows a second: of the last few seconds while running, of the whole step afterwards.</param>
/// <param name="StartedAt">When this attempt began.</param>
/// <param name="FinishedAt">When this attempt ended.</param>
/// <param name="Message">What it is doing, what it did, or why it failed.</param>
public sealed record StepView(
    string Name, string Title, StepState State, int Attempt,
    long? Rows, long? Bytes, long? Files, long? TotalBytes, long? TotalFiles, long? Rejects, double? Share, double? RowsPerSecond,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? Message)
{
    /// <summary>What about the data a person should look at, so far.</summary>
    public long? Warnings { get; init; }
}

/// <summary>One attempt at a step that has ended or is under way, for the timeline.</summary>
public sealed record StepAttempt(
    string Step, int Attempt, StepState State, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? Message);

/// <summary>How important a log line is.</summary>
public enum RunLogLevel
{
    /// <summary>What happened.</summary>
    Info,

    /// <summary>Something a person should look at.</summary>
    Warning,

    /// <summary>Why something failed.</summary>
    Error,
}

/// <summary>One line of a run's log.</summary>
/// <param name="Run">The run's number.</param>
/// <param name="Sequence">Its place in the run's log, from 1, without gaps or repeats.</param>
/// <param name="At">When it was written.</param>
/// <param name="Level">How important it is.</param>
/// <param name="Step">The step that wrote it, or none for the run itself.</param>
/// <param name="Attempt">That step's attempt.</param>
/// <param name="Message">The line.</param>
public sealed record RunLogLine(long Run, int Sequence, DateTimeOffset At, RunLogLevel Level, string? Step, int? Attempt, string Message);

/// <summary>The orders of a list of runs.</summary>
public enum RunOrder
{
    /// <summary>The newest first.</summary>
    Newest,

    /// <summary>The one that took longest first.</summary>
    Longest,
}

/// <summary>Which runs to list; a none means any.</summary>
public sealed record RunFilter(string? Warehouse = null, RunKind? Kind = null, RunState? State = null, int Page = 1, int Size = 50)
{
    /// <summary>How many a page has at most.</summary>
    public const int MostOnAPage = 500;

    /// <summary>Only runs with a lower number than this.</summary>
    public long? Before { get; init; }

    /// <summary>Only runs asked for at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only runs asked for before this time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>
    /// Only runs with this number, or with this text in warehouse, person or error; upper and lower case are the same. With a <c>#</c>
    /// before it, only the run with this number.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>Only runs of these warehouses; none for all of them.</summary>
    public IReadOnlyList<string>? Only { get; init; }

    /// <summary>Only runs that met bad records.</summary>
    public bool WithRejects { get; init; }

    /// <summary>Their order.</summary>
    public RunOrder Order { get; init; }
}

/// <summary>How many runs there are.</summary>
/// <param name="States">Of each state that has any.</param>
/// <param name="WithRejects">Of those that met bad records.</param>
public sealed record RunTally(IReadOnlyDictionary<RunState, long> States, long WithRejects)
{
    /// <summary>All of them.</summary>
    public long All => States.Values.Sum();
}
