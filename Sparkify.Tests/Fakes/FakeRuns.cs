using System.Collections.Concurrent;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Tests.Fakes;

/// <summary>Runs as a test says they are. Commands nobody told it about throw.</summary>
internal sealed class FakeRuns : IRuns
{
    private readonly ConcurrentDictionary<long, RunView> _runs = new();
    private readonly ConcurrentDictionary<long, List<StepAttempt>> _attempts = new();
    private readonly ConcurrentDictionary<long, List<RunLogLine>> _log = new();
    private readonly Feed<RunView> _feed = new();
    private readonly Feed<RunLogLine> _logFeed = new();
    private volatile Exception? _break;

    public ConcurrentQueue<(string Warehouse, RunKind Kind, RunKind? Then, Actor Actor)> Started { get; } = new();

    /// <summary>The star each of those was about.</summary>
    public ConcurrentQueue<long?> Stars { get; } = new();

    /// <summary>The modes asked for.</summary>
    public ConcurrentQueue<LoadMode?> Modes { get; } = new();

    public ConcurrentQueue<string?> Snapshots { get; } = new();

    public ConcurrentQueue<long> Cancelled { get; } = new();

    public ConcurrentQueue<long> Retried { get; } = new();

    /// <summary>What starting a run does; without it starting throws.</summary>
    public Func<string, RunKind, RunKind?, RunView>? OnStart { get; set; }

    public Func<long, RunView>? OnCancel { get; set; }

    public Func<long, RunView>? OnRetry { get; set; }

    public ConcurrentQueue<(long Run, RunAnswer Answer, string? Why)> Answered { get; } = new();

    /// <summary>What answering a run does; without it answering throws.</summary>
    public Func<long, RunAnswer, RunView>? OnAnswer { get; set; }

    /// <summary>How many listen to runs and logs just now.</summary>
    public int Subscribers => _feed.Subscribers + _logFeed.Subscribers + _brokenFeeds;

    private int _brokenFeeds;

    /// <summary>Sets a run without telling anyone, as if it happened before the page opened.</summary>
    public RunView Have(RunView run) => _runs[run.Id] = run;

    /// <summary>Sets a run and tells every subscriber.</summary>
    public void Publish(RunView run)
    {
        _runs[run.Id] = run;
        _feed.Publish(run);
    }

    public void HaveAttempts(long run, params StepAttempt[] attempts) => _attempts[run] = [.. attempts];

    public void Write(params RunLogLine[] lines)
    {
        foreach (var line in lines)
        {
            var log = _log.GetOrAdd(line.Run, _ => []);
            lock (log)
            {
                log.Add(line);
            }

            _logFeed.Publish(line);
        }
    }

    /// <summary>From now on subscribing gives a stream that fails.</summary>
    public void BreakNextStream(Exception ex) => _break = ex;

    public Task<RunView> StartAsync(
        string warehouse, RunKind kind, Actor actor, CancellationToken ct, RunKind? then = null, string? key = null, long? star = null,
        LoadMode? mode = null, string? snapshot = null)
    {
        ct.ThrowIfCancellationRequested();
        var start = OnStart ?? throw new InvalidOperationException($"Nobody told this fake what starting {kind} on {warehouse} does.");
        Started.Enqueue((warehouse, kind, then, actor));
        Stars.Enqueue(star);
        Modes.Enqueue(mode);
        Snapshots.Enqueue(snapshot);
        return Do(() => start(warehouse, kind, then));
    }

    public Task<RunView> CancelAsync(long run, Actor actor, CancellationToken ct)
    {
        var cancel = OnCancel ?? throw new InvalidOperationException($"Nobody told this fake what cancelling {run} does.");
        Cancelled.Enqueue(run);
        return Do(() => cancel(run));
    }

    public Task<RunView> RetryAsync(long run, Actor actor, CancellationToken ct)
    {
        var retry = OnRetry ?? throw new InvalidOperationException($"Nobody told this fake what retrying {run} does.");
        Retried.Enqueue(run);
        return Do(() => retry(run));
    }

    public Task<RunView> PublishAsync(long run, string? why, Actor actor, CancellationToken ct) => Answer(run, RunAnswer.Publish, why);

    public Task<RunView> DiscardAsync(long run, string? why, Actor actor, CancellationToken ct) => Answer(run, RunAnswer.Discard, why);

    public Task<RunView?> FindAsync(long run, CancellationToken ct) => Task.FromResult(_runs.GetValueOrDefault(run));

    public Task<IReadOnlyList<RunView>> OfKindsAsync(string warehouse, IReadOnlyList<RunKind> kinds, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<RunView>>(
            [.. _runs.Values.Where(r => r.Warehouse == warehouse && kinds.Contains(r.Kind)).OrderBy(r => r.Id)]);

    public Task<Page<RunView>> HistoryAsync(RunFilter filter, CancellationToken ct)
    {
        var all = Wanted(filter)
            .Where(r => (filter.State is null || r.State == filter.State) && (!filter.WithRejects || r.Rejects > 0))
            .OrderByDescending(r => filter.Order == RunOrder.Longest ? r.FinishedAt - r.StartedAt : TimeSpan.Zero)
            .ThenByDescending(r => r.Id).ToList();
        return Task.FromResult(new Page<RunView>(
            [.. all.Skip((filter.Page - 1) * filter.Size).Take(filter.Size)], all.Count, filter.Page, filter.Size));
    }

    public Task<RunTally> TallyAsync(RunFilter filter, CancellationToken ct)
    {
        var wanted = Wanted(filter).ToList();
        return Task.FromResult(new RunTally(
            wanted.GroupBy(r => r.State).ToDictionary(g => g.Key, g => (long)g.Count()), wanted.Count(r => r.Rejects > 0)));
    }

    public async IAsyncEnumerable<RunLogLine> WholeLogAsync(
        long run, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var line in await LogAsync(run, after: 0, int.MaxValue, ct))
        {
            yield return line;
        }
    }

    public Task<IReadOnlyList<RunView>> LatestAsync(CancellationToken ct) => Task.FromResult<IReadOnlyList<RunView>>(
        [.. _runs.Values.GroupBy(r => (r.Warehouse, r.Kind)).Select(g => g.MaxBy(r => r.Id)!)]);

    public Task<IReadOnlyList<StepAttempt>> AttemptsAsync(long run, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<StepAttempt>>(_attempts.TryGetValue(run, out var attempts) ? [.. attempts] : []);

    public Task<IReadOnlyList<RunLogLine>> LogAsync(long run, int after, int most, CancellationToken ct)
    {
        if (!_log.TryGetValue(run, out var log))
        {
            return Task.FromResult<IReadOnlyList<RunLogLine>>([]);
        }

        lock (log)
        {
            return Task.FromResult<IReadOnlyList<RunLogLine>>([.. log.Where(l => l.Sequence > after).TakeLast(most)]);
        }
    }

    public Subscription<RunView> Subscribe(long? run = null)
    {
        if (Interlocked.Exchange(ref _break, null) is { } broken)
        {
            var channel = System.Threading.Channels.Channel.CreateUnbounded<RunView>();
            channel.Writer.Complete(broken);
            Interlocked.Increment(ref _brokenFeeds);
            return new(channel.Reader, () => Interlocked.Decrement(ref _brokenFeeds));
        }

        return _feed.Subscribe(run is null ? null : r => r.Id == run);
    }

    public Subscription<RunLogLine> SubscribeToLog(long run) => _logFeed.Subscribe(l => l.Run == run, capacity: 1000);

    private IEnumerable<RunView> Wanted(RunFilter filter) => _runs.Values.Where(r =>
        (filter.Warehouse is null || r.Warehouse == filter.Warehouse) && (filter.Kind is null || r.Kind == filter.Kind)
        && (filter.Before is null || r.Id < filter.Before) && (filter.From is null || r.CreatedAt >= filter.From)
        && (filter.Until is null || r.CreatedAt < filter.Until)
        && (filter.Text is ['#', .. var number]
            ? $"{r.Id}" == number
            : filter.Text is null
                || $"{r.Id} {r.Warehouse} {r.Actor} {r.Error}".Contains(filter.Text, StringComparison.OrdinalIgnoreCase)));

    private Task<RunView> Answer(long run, RunAnswer answer, string? why)
    {
        var decide = OnAnswer ?? throw new InvalidOperationException($"Nobody told this fake what deciding on {run} does.");
        Answered.Enqueue((run, answer, why));
        return Do(() => decide(run, answer));
    }

    private async Task<RunView> Do(Func<RunView> command)
    {
        await Task.Yield();
        var run = command();
        Publish(run);
        return run;
    }
}
