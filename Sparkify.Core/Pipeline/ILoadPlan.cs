using Sparkify.Core.Common;
using Sparkify.Core.Pipeline.Shared;
using Sparkify.Core.Sources;
using Sparkify.Core.Sources.Records;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Pipeline;

/// <summary>How warehouses of one target are loaded, and their files checked: the face of a target towards the runs.</summary>
internal interface ILoadPlan
{
    /// <summary>The target.</summary>
    WarehouseTarget Target { get; }

    /// <summary>The steps, in order.</summary>
    IReadOnlyList<ILoadStep> Steps { get; }

    /// <summary>Whether it is the warehouse itself that reads the files, so that there must be one.</summary>
    bool ChecksInWarehouse { get; }

    /// <summary>Does a step of a load, once what it needs is free.</summary>
    Task RunAsync(ILoadStep step, LoadContext load, CancellationToken ct);

    /// <summary>Where to take a load up again; see <see cref="Runs.IRunDefinition.ResumeAtAsync"/>.</summary>
    Task<int> ResumeAtAsync(Warehouse warehouse, long run, int firstOpen, CancellationToken ct);

    /// <summary>
    /// Reads a part as a load would and keeps nothing but the rejects.
    /// </summary>
    Task<CheckedPart> CheckAsync(
        LoadContext load, SourcePart part, ISource source, IReadOnlyList<NumberedFile> files, CancellationToken ct);
}

/// <summary>What a check of a part's files found.</summary>
/// <param name="Read">How many records there are.</param>
/// <param name="Bad">How many of them are bad.</param>
/// <param name="FileRejects">How many rejects are about a file and no record of it.</param>
/// <param name="Failed">Files without one good record.</param>
internal sealed record CheckedPart(long Read, long Bad, long FileRejects, IReadOnlyList<FailedFile> Failed);

internal static class LoadPlans
{
    /// <summary>The plan of a warehouse's target.</summary>
    public static ILoadPlan For(this IEnumerable<ILoadPlan> plans, Warehouse warehouse) => plans.Single(p => p.Target == warehouse.Target);

    /// <summary>The same warehouse, in the state in which its star can change; throws a sentence in any other.</summary>
    public static Warehouse MustBeAvailable(this Warehouse warehouse) => warehouse.State switch
    {
        WarehouseState.Available => warehouse,
        WarehouseState.Paused => throw SparkifyException.Conflict($"The warehouse '{warehouse.Name}' is paused: resume it first."),
        var state => throw SparkifyException.Conflict(
            $"The warehouse '{warehouse.Name}' is {state.ToString().ToLowerInvariant()}, not available: provision it first."),
    };
}
