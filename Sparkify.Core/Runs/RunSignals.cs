using System.Diagnostics;
using System.Diagnostics.Metrics;
using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>
/// What is seen of runs from outside: a span for each, with one for each of its steps, and what is counted of them. Names stay few: none of
/// a person, a warehouse or a file is among the tags of an instrument.
/// </summary>
internal sealed class RunSignals
{
    private const string Kind = "sparkify.run.kind";
    private const string Step = "sparkify.step.name";
    private const string Outcome = "sparkify.outcome";

    private readonly Counter<long> _started, _retries, _rows, _rejects;
    private readonly Histogram<double> _queued, _runs, _steps;

    public RunSignals(IMeterFactory meters)
    {
        var meter = meters.Create(Signals.Name);
        // From a tenth of a second to a day: a run may wait for a cluster, or load for hours.
        var buckets = new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400],
        };
        _started = meter.CreateCounter<long>("sparkify.run.started", "{run}", "Runs that began to work.");
        _queued = meter.CreateHistogram(
            "sparkify.run.queue.duration", "s", "How long runs waited for a worker before they began.", advice: buckets);
        _runs = meter.CreateHistogram(
            "sparkify.run.duration", "s", "How long runs took from their beginning to their end, or to a question.", advice: buckets);
        _retries = meter.CreateCounter<long>(
            "sparkify.run.retries", "{retry}", "How often runs tried again by themselves after a failure that waiting can mend.");
        _steps = meter.CreateHistogram("sparkify.step.duration", "s", "How long attempts at steps took.", advice: buckets);
        _rows = meter.CreateCounter<long>("sparkify.step.rows", "{row}", "Rows that steps wrote which succeeded.");
        _rejects = meter.CreateCounter<long>("sparkify.step.rejects", "{record}", "Bad records that steps met which succeeded.");
    }

    /// <summary>A run begins, or goes on after a wait; what is given back is disposed of when it is let go.</summary>
    public IDisposable Begin(ActiveRun run, RunLedger.Begun begun)
    {
        var view = run.View;
        var kind = view.Kind.Word();
        if (begun.First)
        {
            _started.Add(1, Tag(Kind, kind));
            _queued.Record((view.StartedAt - view.CreatedAt)?.TotalSeconds ?? 0, Tag(Kind, kind));
        }

        // A worker's own trace is nobody's. The run's is its own; whoever asked for it is linked, since that may have ended long ago.
        Activity.Current = null;
        var known = ActivityContext.TryParse(begun.Trace, traceState: null, isRemote: true, out var before);
        var span = begun.Waited
            ? Signals.Spans.StartActivity($"run {kind}", ActivityKind.Consumer, before)
            : Signals.Spans.StartActivity(
                $"run {kind}", ActivityKind.Consumer, parentContext: default, links: known ? [new ActivityLink(before)] : []);
        span?.SetTag("sparkify.run.id", run.Id).SetTag("sparkify.warehouse", view.Warehouse).SetTag(Kind, kind);
        return new RunSpan(this, run, span);
    }

    /// <summary>The trace a run that is let go for a while is to go on in.</summary>
    public static string? Trace => Activity.Current is { } span && span.Source == Signals.Spans && span.ParentId is { } first
        ? first
        : Activity.Current?.Id;

    /// <summary>An attempt at a step begins, or goes on after a wait.</summary>
    public static Activity? BeginStep(string step, int attempt) => Signals.Spans.StartActivity($"step {step}")
        ?.SetTag(Step, step).SetTag("sparkify.step.attempt", attempt);

    /// <summary>It has ended.</summary>
    public void StepEnded(Activity? span, RunKind kind, StepView step, Exception? failure)
    {
        var tags = new TagList { { Kind, kind.Word() }, { Step, step.Name }, { Outcome, step.State.Word() } };
        _steps.Record((step.FinishedAt - step.StartedAt)?.TotalSeconds ?? 0, tags);
        if (step.State == StepState.Succeeded)
        {
            // What was written by an attempt that failed is not there any more.
            _rows.Add(step.Rows ?? 0, Tag(Kind, kind.Word()), Tag(Step, step.Name));
            _rejects.Add(step.Rejects ?? 0, Tag(Kind, kind.Word()), Tag(Step, step.Name));
        }

        span?.SetTag(Outcome, step.State.Word()).SetTag("sparkify.step.rows", step.Rows).SetTag("sparkify.step.rejects", step.Rejects);
        if (step.State == StepState.Failed)
        {
            span?.SetStatus(ActivityStatusCode.Error).SetTag("error.type", failure?.GetType().FullName);
        }
    }

    /// <summary>A run tries again by itself.</summary>
    public void Retried(RunKind kind) => _retries.Add(1, Tag(Kind, kind.Word()));

    private void Ended(RunView run) => _runs.Record(
        (run.WorkedUntil - run.WorkedFrom)?.TotalSeconds ?? 0, Tag(Kind, run.Kind.Word()), Tag(Outcome, run.State.Word()));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private sealed class RunSpan(RunSignals signals, ActiveRun run, Activity? span) : IDisposable
    {
        public void Dispose()
        {
            // One that waits, or is handed over, has not ended.
            if (run.View is { Active: false } ended)
            {
                signals.Ended(ended);
                span?.SetTag(Outcome, ended.State.Word());
                span?.SetStatus(ended.State == RunState.Failed ? ActivityStatusCode.Error : ActivityStatusCode.Unset);
            }

            span?.Dispose();
        }
    }
}
