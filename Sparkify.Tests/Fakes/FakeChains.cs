using System.Collections.Concurrent;
using Sparkify.Core.Chains;
using Sparkify.Core.Common;
using Sparkify.Core.Runs;

namespace Sparkify.Tests.Fakes;

/// <summary>Chains and saved reports as a test says they are.</summary>
internal sealed class FakeChains : IChains, ISavedReports
{
    private readonly ConcurrentDictionary<long, Chain> _all = new();
    private readonly Feed<string> _feed = new();

    /// <summary>What was asked for, in order.</summary>
    public ConcurrentQueue<(string Warehouse, NewChain Chain)> Started { get; } = new();

    public ConcurrentQueue<long> Cancelled { get; } = new();

    public IReadOnlyList<SavedReport> Files { get; set; } = [];

    public Chain Have(Chain chain)
    {
        _all[chain.Id] = chain;
        _feed.Publish(chain.Warehouse);
        return chain;
    }

    public static Chain At(
        long id, ChainState state, params ChainPart[] parts) => new(
        id, "music", state, state == ChainState.Running ? null : "So it went.", [], ChainEnd.Leave, "ann", DateTimeOffset.UnixEpoch,
        state == ChainState.Running ? null : DateTimeOffset.UnixEpoch, null, parts);

    public Task<Chain> StartAsync(string warehouse, NewChain chain, Actor actor, CancellationToken ct)
    {
        Started.Enqueue((warehouse, chain));
        return Task.FromResult(Have(At(1, ChainState.Running, new ChainPart(RunKind.Load, PartState.Running, 41))));
    }

    public Task<Chain> CancelAsync(string warehouse, long id, Actor actor, CancellationToken ct)
    {
        Cancelled.Enqueue(id);
        return Task.FromResult(Have(_all[id] with { CancelledBy = actor.Name }));
    }

    public Task<Chain> GetAsync(string warehouse, long id, CancellationToken ct) => Task.FromResult(_all[id]);

    public Task<IReadOnlyList<Chain>> ListAsync(string warehouse, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Chain>>([.. _all.Values.Where(c => c.Warehouse == warehouse).OrderByDescending(static c => c.Id)]);

    public Subscription<string> Subscribe() => _feed.Subscribe();

    public Task<IReadOnlyList<SavedReport>> ListAsync(long run, CancellationToken ct) => Task.FromResult(Files);

    public Task<Stream> OpenAsync(long run, string report, Actor actor, CancellationToken ct) =>
        throw new InvalidOperationException("Pages link to files and open none.");
}
