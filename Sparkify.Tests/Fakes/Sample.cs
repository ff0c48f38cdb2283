using Sparkify.Core.Runs;
using Sparkify.Core.Sources;
using Sparkify.Core.Star;
using Sparkify.Core.Warehouses;

namespace Sparkify.Tests.Fakes;

/// <summary>Ordinary things to start a test from; a test changes what it is about.</summary>
internal static class Sample
{
    public static DateTimeOffset Noon { get; } = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    public static Warehouse Warehouse(
        string name = "music", WarehouseState state = WarehouseState.Available, bool published = false) => new(
        name, WarehouseTarget.Local, new LocationSource("/data/log_data", "/data/song_data"), 1000, state, Noon, "tester",
        published ? Noon : null, published ? 1 : null);

    public static StepView Step(
        string name, StepState state =
            StepState.Pending, long? rows = null, long? rejects = null, int attempt = 1, double? share = null) => new(
        name, $"Title of {name}", state, attempt, rows, null, null, null, null, rejects, share, null,
        state is StepState.Pending or StepState.Skipped ? null : Noon,
        state is StepState.Succeeded or StepState.Failed or StepState.Cancelled ? Noon.AddSeconds(72) : null, null);

    public static RunView Run(
        long id = 7, RunState state = RunState.Running, RunKind kind = RunKind.Load, string warehouse = "music", long revision = 1,
        params StepView[] steps) => new(
        id, warehouse, kind, state, state == RunState.Failed ? "The disk is full. Free some space and retry." : null, "tester",
        Noon, state == RunState.Queued ? null : Noon, state is RunState.Queued or RunState.Running ? null : Noon.AddSeconds(72),
        CancelRequested: false, steps.Length == 0 ? [Step("scan", StepState.Succeeded), Step("stage-events")] : steps, revision);

    /// <summary>A load that needs a decision.</summary>
    public static RunView Asking(long id = 7, long revision = 1) =>
        Run(id, RunState.NeedsDecision, revision: revision, steps:
        [
            Step("songplays", StepState.Succeeded, rows: 40), Step("users", StepState.Succeeded, rows: 10), Step("publish"),
        ]) with
        {
            FinishedAt = null,
            Decision = new RunDecision("Plays fell.", Noon.AddSeconds(72)),
        };

    public static RunLogLine Line(long run, int sequence, string message, string? step = null, RunLogLevel level = RunLogLevel.Info) =>
        new(run, sequence, Noon.AddSeconds(sequence), level, step, step is null ? null : 1, message);

    public static TableInfo Table(string name, long? rows, TableRole role = TableRole.Dimension) =>
        new(name, role, name, $"One row of {name}", rows, rows * 100, [new TableColumn("id", "text", "The key", Key: true)]);
}
