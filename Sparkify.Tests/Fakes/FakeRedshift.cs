using System.Collections.Concurrent;
using Sparkify.Core.Aws;
using Sparkify.Core.Common;
using Sparkify.Core.Provisioning.Redshift;
using Sparkify.Core.Runs;

namespace Sparkify.Tests.Fakes;

/// <summary>What AWS has and a guard says, as a test wants it.</summary>
internal sealed class FakeRedshift : IRedshift, IIdleWatch, ISimulatedAws
{
    public static RedshiftOffers Offers { get; } = new(
        "123456789012", "arn:aws:iam::123456789012:user/ann", "us-west-2", Simulated: true, ["us-east-1", "us-west-2"], "203.0.113.7/32",
        [
            new("ra3.large", SingleNode: true, MultiNode: true, RedshiftPrices.Of("ra3.large", 1, "us-west-2")),
            new("rg.xlarge", SingleNode: false, MultiNode: true, RedshiftPrices.Of("rg.xlarge", 1, "us-west-2")),
        ],
        NodesAreLive: true, RedshiftPrices.AsOf, [new(
            "vpc-1", "172.31.0.0/16", IsDefault: true, [new("subnet-1", "vpc-1", "us-west-2a", 100)])]);

    /// <summary>What of the offers could not be looked up.</summary>
    public IReadOnlyList<MissingOffer> Missing { get; set; } = [];

    /// <summary>Refuses whatever is asked of AWS with a sentence.</summary>
    public string? Problem { get; set; }

    public IReadOnlyList<ResourceDrift> Drift { get; set; } = [];

    public List<KeptSnapshot> Snapshots { get; } = [];

    public Task<IReadOnlyList<KeptSnapshot>> SnapshotsAsync(string warehouse, CancellationToken ct) => Problem is { } problem
        ? throw SparkifyException.Unavailable(problem) : Task.FromResult<IReadOnlyList<KeptSnapshot>>([.. Snapshots]);

    public Task DeleteSnapshotAsync(string warehouse, string snapshot, Actor actor, CancellationToken ct)
    {
        Snapshots.RemoveAll(s => s.Id == snapshot);
        return Task.CompletedTask;
    }

    /// <summary>Holds a comparison back until it is completed.</summary>
    public TaskCompletionSource? Reading { get; set; }

    public TeardownPreview Preview { get; set; } = new([], [], null, RedshiftPrices.StoragePerGigabyteMonth, RedshiftPrices.AsOf);

    public ClusterCost Cost { get; set; } = ClusterCost.Of(RedshiftPrices.Of("ra3.large", 1, "us-west-2"), []);

    public IdleVerdict? Verdict { get; set; }

    public ConcurrentQueue<(string Warehouse, string Kind, string Name, DriftChoice Choice)> Resolved { get; } = new();

    public ConcurrentQueue<(string Warehouse, TimeSpan Longer)> Kept { get; } = new();

    public SimulatedAwsAccess? Access { get; set; }

    public Task<RedshiftOffers> OffersAsync(string? region, bool simulated, CancellationToken ct, string? connection = null) =>
        Answer(Offers with
        {
            Region = region ?? Offers.Region,
            Simulated = simulated,
            Missing = Missing,
            NodesAreLive = Missing.All(static m => m.Part != OfferPart.Nodes),
        });

    public async Task<IReadOnlyList<ResourceDrift>> DriftAsync(string warehouse, CancellationToken ct)
    {
        await (Reading?.Task ?? Task.CompletedTask);
        return await Answer(Drift);
    }

    public Task<RunView?> ResolveAsync(string warehouse, string kind, string name, DriftChoice choice, Actor actor, CancellationToken ct)
    {
        Resolved.Enqueue((warehouse, kind, name, choice));
        return Answer<RunView?>(null);
    }

    public Task<TeardownPreview> TeardownPreviewAsync(string warehouse, CancellationToken ct) => Answer(Preview);

    public ConcurrentQueue<string> Rotated { get; } = new();

    public Task RotateMasterAsync(string warehouse, Actor actor, CancellationToken ct)
    {
        Rotated.Enqueue(warehouse);
        return Answer(true);
    }

    public Task<ClusterCost> CostAsync(string warehouse, CancellationToken ct) => Task.FromResult(Cost);

    public Task<IdleVerdict?> JudgeAsync(string warehouse, CancellationToken ct) => Task.FromResult(Verdict);

    public Task<IdleVerdict?> KeepAsync(string warehouse, TimeSpan longer, Actor actor, CancellationToken ct)
    {
        Kept.Enqueue((warehouse, longer));
        return Task.FromResult(Verdict);
    }

    private Task<T> Answer<T>(T answer) => Problem is { } problem ? throw SparkifyException.Denied(problem) : Task.FromResult(answer);
}
