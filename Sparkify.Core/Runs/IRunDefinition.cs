using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What one kind of run consists of; each feature brings its own.</summary>
public interface IRunDefinition
{
    /// <summary>The kind it defines.</summary>
    RunKind Kind { get; }

    /// <summary>
    /// The steps for one warehouse, in order. Called when the run is asked for and again whenever it is (re)started: must give
    /// the same names for the same warehouse. Throws a <see cref="Common.SparkifyException"/> with a sentence when the warehouse's state
    /// does not allow the run and <paramref name="starting"/> is set.
    /// </summary>
    Task<IReadOnlyList<RunStep>> StepsAsync(string warehouse, bool starting, CancellationToken ct);

    /// <summary>
    /// What a run is about, after what was asked for. Throws a sentence when there is no such thing, or when runs of this kind are about
    /// none.
    /// </summary>
    Task<RunChoice> ChooseAsync(string warehouse, RunChoice asked, CancellationToken ct) => Task.FromResult(asked switch
    {
        { Star: not null } => throw SparkifyException.Invalid($"Only a run of the kind 'putBack' is about a star; a {Kind.Word()} is not."),
        { Mode: not null } => throw SparkifyException.Invalid($"Only a load has a mode; a {Kind.Word()} has none."),
        _ => asked,
    });

    /// <summary>Throws a sentence when the warehouse is of a sort that can never have such a run, in whatever state it is.</summary>
    Task RefuseAsync(string warehouse, CancellationToken ct) => Task.CompletedTask;

    /// <summary>
    /// Where to take a run up again whose first step not yet done is <paramref name="firstOpen"/>: an earlier step when what the done
    /// steps made is not there any more.
    /// </summary>
    Task<int> ResumeAtAsync(string warehouse, long run, int firstOpen, CancellationToken ct) => Task.FromResult(firstOpen);

    /// <summary>
    /// Whether a run that another version of the application began starts over: what that one half made may have another shape.
    /// </summary>
    bool StartsOverAfterUpdate => false;
}

/// <summary>
/// One step: its names and its work. The work can be repeated after any crash: it first removes what an earlier attempt left.
/// </summary>
/// <param name="Name">Its name in the ledger and the API, such as <c>stage-events</c>.</param>
/// <param name="Title">Its name for people, such as "Stage events".</param>
/// <param name="WorkAsync">Does it.</param>
/// <param name="WithPrevious">Whether it runs at the same time as the step before it; the step after a group waits for all of it.</param>
public sealed record RunStep(string Name, string Title, Func<StepContext, CancellationToken, Task> WorkAsync, bool WithPrevious = false)
{
    /// <summary>
    /// Asks, for a run's number, whether a person must decide before the step begins: what there is to decide, as sentences, or none. The
    /// step goes on when that very question was answered with <see cref="RunAnswer.Publish"/>. None when there is never anything to ask.
    /// </summary>
    public Func<long, CancellationToken, Task<string?>>? AskAsync { get; init; }
}

/// <summary>What a step is given while it works.</summary>
public sealed class StepContext(
    long run, string warehouse, string actor, int attempt, DateTimeOffset since, StepProgress progress, TimeProvider clock,
    Action<RunLogLevel, string> log, Action<RunAddition?> adds)
{
    // A wait that is shorter is not worth giving the worker to another run.
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(5);

    /// <summary>The run's number.</summary>
    public long Run { get; } = run;

    /// <summary>The warehouse's name.</summary>
    public string Warehouse { get; } = warehouse;

    /// <summary>Who started the run.</summary>
    public string Actor { get; } = actor;

    /// <summary>What the run is about, beside its kind.</summary>
    public RunChoice Choice { get; init; } = RunChoice.None;

    /// <summary>The load whose star the run puts back; none for every other kind of run.</summary>
    public long? Star => Choice.Star;

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>When this attempt began; looking again after a wait does not begin another.</summary>
    public DateTimeOffset Since { get; } = since;

    /// <summary>How long this attempt has been under way, its waits included.</summary>
    public TimeSpan Elapsed => clock.GetUtcNow() - Since;

    /// <summary>Where the step reports how far it is.</summary>
    public StepProgress Progress { get; } = progress;

    /// <summary>
    /// Waits for something outside, which <see cref="StepProgress.Message"/> names. A long wait gives the run's worker up: this call does
    /// not return, and the step is worked on again from its beginning, as the same attempt, when the time has come.
    /// </summary>
    public Task WaitAsync(TimeSpan about, CancellationToken ct) =>
        about < ShortWait ? Task.Delay(about, clock, ct) : throw new StepWaitsException(about);

    /// <summary>Shows what the run adds to a star.</summary>
    public void Adds(RunAddition? addition) => adds(addition);

    /// <summary>Writes a line to the run's log.</summary>
    public void Log(string message) => log(RunLogLevel.Info, message);

    /// <summary>Writes a line a person should look at to the run's log.</summary>
    public void Warn(string message) => log(RunLogLevel.Warning, message);

    /// <summary>Writes a line about the data that a person should look at: the run counts it, and is then no plain success.</summary>
    public void WarnOfData(string message)
    {
        Progress.AddWarning();
        Warn(message);
    }
}

/// <summary>
/// The counters of a running step. Cheap to write from any thread and any number of times; the job shell reads them a few times
/// a second. A counter that is never touched stays unknown and is shown as a dash.
/// </summary>
public sealed class StepProgress
{
    private const long Unknown = -1;
    private long _rows =
        Unknown, _bytes = Unknown, _files = Unknown, _totalBytes = Unknown, _totalFiles = Unknown, _rejects = Unknown, _warnings = Unknown;
    private volatile string? _message;

    /// <summary>Rows written so far.</summary>
    public long? Rows => Read(ref _rows);

    /// <summary>Bytes read so far.</summary>
    public long? Bytes => Read(ref _bytes);

    /// <summary>Files read so far.</summary>
    public long? Files => Read(ref _files);

    /// <summary>Bytes to read in all.</summary>
    public long? TotalBytes => Read(ref _totalBytes);

    /// <summary>Files to read in all.</summary>
    public long? TotalFiles => Read(ref _totalFiles);

    /// <summary>Bad records met so far.</summary>
    public long? Rejects => Read(ref _rejects);

    /// <summary>What about the data a person should look at, so far.</summary>
    public long? Warnings => Read(ref _warnings);

    /// <summary>What the step is doing, or did.</summary>
    public string? Message { get => _message; set => _message = value; }

    /// <summary>Adds rows written.</summary>
    public void AddRows(long count) => Add(ref _rows, count);

    /// <summary>Adds bytes read.</summary>
    public void AddBytes(long count) => Add(ref _bytes, count);

    /// <summary>Adds files read.</summary>
    public void AddFiles(long count) => Add(ref _files, count);

    /// <summary>Adds bad records.</summary>
    public void AddRejects(long count) => Add(ref _rejects, count);

    /// <summary>Adds something about the data that a person should look at.</summary>
    public void AddWarning() => Add(ref _warnings, 1);

    /// <summary>Says how much there is to read in all, so that a share and an ETA can be shown.</summary>
    public void Expect(long bytes, long files)
    {
        Interlocked.Exchange(ref _totalBytes, bytes);
        Interlocked.Exchange(ref _totalFiles, files);
    }

    private static long? Read(ref long counter) => Interlocked.Read(ref counter) is var value && value == Unknown ? null : value;

    private static void Add(ref long counter, long count)
    {
        // The first touch turns "unknown" into a number.
        Interlocked.CompareExchange(ref counter, 0, Unknown);
        Interlocked.Add(ref counter, count);
    }
}
