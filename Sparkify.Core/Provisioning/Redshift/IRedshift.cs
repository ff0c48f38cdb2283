using Sparkify.Core.Common;
using Sparkify.Core.Common.Access;
using Sparkify.Core.Runs;

namespace Sparkify.Core.Provisioning.Redshift;

/// <summary>How what is recorded of a resource fits what is there.</summary>
public enum DriftState
{
    /// <summary>It is there, ours, and as it should be.</summary>
    InStep,

    /// <summary>It is there and ours, but not as it should be.</summary>
    Changed,

    /// <summary>It is recorded, but not there.</summary>
    Missing,

    /// <summary>It is there and carries our tags, but is not recorded.</summary>
    Unrecorded,

    /// <summary>It could not be looked at: that is denied, or the endpoint does not know how.</summary>
    Unseen,

    /// <summary>It is there, but does not carry our tags.</summary>
    NotOurs,

    /// <summary>It is neither recorded nor there.</summary>
    NotThere,
}

/// <summary>What a person can decide about a resource that has drifted.</summary>
public enum DriftChoice
{
    /// <summary>Take it as it is: tag it, record it, or record its settings.</summary>
    Adopt,

    /// <summary>Create it again or set it right, by a provisioning.</summary>
    Recreate,

    /// <summary>Strike it off the record.</summary>
    Forget,
}

/// <summary>One resource of a warehouse: recorded against actual.</summary>
/// <param name="Kind">Such as <c>cluster</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">How the two fit.</param>
/// <param name="Detail">How it differs, or its settings when it does not.</param>
/// <param name="Arn">Its name in AWS; none for what has none or is not there.</param>
/// <param name="Console">Its page in the AWS console; none for what has none and on the simulator.</param>
/// <param name="Choices">What can be decided about it.</param>
public sealed record ResourceDrift(
    string Kind, string Name, DriftState State, string Detail, string? Arn, string? Console, IReadOnlyList<DriftChoice> Choices);

/// <summary>Something of a warehouse that AWS still has.</summary>
/// <param name="Kind">Such as <c>cluster</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Detail">What else there is to say of it.</param>
public sealed record Remnant(string Kind, string Name, string? Detail = null)
{
    /// <summary>In one line.</summary>
    public override string ToString() => Detail is null ? $"{Kind} {Name}" : $"{Kind} {Name} ({Detail})";
}

/// <summary>What a teardown would do.</summary>
/// <param name="Destroys">What it would destroy.</param>
/// <param name="Keeps">What it would leave on purpose.</param>
/// <param name="DataBytes">How much data a last snapshot would hold; none when that is not known.</param>
/// <param name="SnapshotPerGigabyteMonth">About what a snapshot costs, US dollars per gigabyte and month.</param>
/// <param name="PricesAsOf">The day that price was read.</param>
public sealed record TeardownPreview(
    IReadOnlyList<Remnant> Destroys, IReadOnlyList<Remnant> Keeps, long? DataBytes, decimal SnapshotPerGigabyteMonth, DateOnly PricesAsOf)
{
    /// <summary>About what a snapshot costs that is kept for some days, US dollars; none when its size is not known.</summary>
    public decimal? SnapshotCost(int days) =>
        DataBytes is { } bytes ? Math.Round(bytes / 1_000_000_000m * SnapshotPerGigabyteMonth * days / 30, 2) : null;
}

/// <summary>
/// What people ask and decide about warehouses on Redshift beside their runs. Whatever AWS refuses is thrown as a sentence.
/// </summary>
[Guarded]
public interface IRedshift
{
    /// <summary>What can be had in a region just now, as a connection or as this machine's own credentials see it.</summary>
    [Needs(Right.Engineer, Subject.All)]
    Task<RedshiftOffers> OffersAsync(string? region, bool simulated, CancellationToken ct, string? connection = null);

    /// <summary>Every resource of a warehouse, recorded against actual.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<ResourceDrift>> DriftAsync(string warehouse, CancellationToken ct);

    /// <summary>Decides about one resource that has drifted; gives the run that was started for it, when one was.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task<RunView?> ResolveAsync(string warehouse, string kind, string name, DriftChoice choice, Actor actor, CancellationToken ct);

    /// <summary>What a teardown would destroy and what each choice of a snapshot would cost.</summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    Task<TeardownPreview> TeardownPreviewAsync(string warehouse, CancellationToken ct);

    /// <summary>The snapshots that are kept of a warehouse's cluster, the latest first.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<IReadOnlyList<KeptSnapshot>> SnapshotsAsync(string warehouse, CancellationToken ct);

    /// <summary>
    /// Deletes a snapshot that is kept of a warehouse's cluster, and looks that it is gone. Throws a sentence when there is no such, and
    /// when it is still there afterwards.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task DeleteSnapshotAsync(string warehouse, string snapshot, Actor actor, CancellationToken ct);

    /// <summary>What the cluster has cost and costs on; asks nothing of AWS.</summary>
    [Needs(Right.See, Subject.Warehouse)]
    Task<ClusterCost> CostAsync(string warehouse, CancellationToken ct);

    /// <summary>
    /// Has AWS give the cluster's master user a new password, in the secret it keeps it in. Nothing else uses it but provisioning, which
    /// reads it each time. Throws a sentence when there is no cluster, or when AWS does not keep its password.
    /// </summary>
    [Needs(Right.Engineer, Subject.Warehouse)]
    [Recorded]
    Task RotateMasterAsync(string warehouse, Actor actor, CancellationToken ct);
}
