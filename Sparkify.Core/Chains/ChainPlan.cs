using Sparkify.Core.Common;
using Sparkify.Core.Runs;
using Sparkify.Core.Warehouses;

namespace Sparkify.Core.Chains;

/// <summary>What a chain will do to a warehouse as it stands, to be confirmed at its start.</summary>
/// <param name="Opens">What brings the warehouse up; none when it is up.</param>
/// <param name="Reports">The ids of the reports it saves.</param>
/// <param name="End">What becomes of the warehouse at its end.</param>
public sealed record ChainPlan(RunKind? Opens, IReadOnlyList<string> Reports, ChainEnd End)
{
    /// <summary>Its parts in their order, when all goes well.</summary>
    public IReadOnlyList<RunKind> Parts =>
        [.. new[] { Opens, RunKind.Load, Reports.Count > 0 ? RunKind.Export : null, Last }.OfType<RunKind>()];

    /// <summary>What brings the warehouse up, as it is confirmed.</summary>
    public ChainOpening Opening => Opens switch
    {
        null => ChainOpening.Nothing,
        RunKind.Resume => ChainOpening.Resume,
        _ => ChainOpening.Provision,
    };

    /// <summary>What ends it when all went well; none when the warehouse stays up.</summary>
    internal RunKind? Last => End switch
    {
        ChainEnd.Pause => RunKind.Pause,
        ChainEnd.Teardown => RunKind.Teardown,
        _ => null,
    };

    /// <summary>
    /// What ends it when a part did not succeed or it was cancelled: what it began itself, and no more. A warehouse that was up stays up,
    /// and one that was only resumed is not torn down.
    /// </summary>
    internal RunKind? LastOfBroken => Opens is null || Last is null ? null : Opens == RunKind.Resume ? RunKind.Pause : Last;

    /// <summary>What becomes of the warehouse when a part fails or the chain is cancelled, as a sentence.</summary>
    public string IfBroken => "If a part fails or the chain is cancelled, the parts after it are left out and the warehouse "
        + (LastOfBroken, Opens) switch
        {
            (RunKind.Pause, RunKind.Resume) => "is paused again; nothing is torn down.",
            (RunKind.Pause, _) => "is paused all the same.",
            (RunKind.Teardown, _) => "is torn down all the same.",
            (_, null) when Last is not null => "stays up, because it was up before.",
            _ => "stays up.",
        };

    /// <summary>The plan for a warehouse; throws a sentence when its end does not fit it.</summary>
    public static ChainPlan Of(Warehouse warehouse, IReadOnlyList<string> reports, ChainEnd end)
    {
        ArgumentNullException.ThrowIfNull(warehouse);
        if (end == ChainEnd.Pause && !warehouse.CanPause)
        {
            throw SparkifyException.Invalid(warehouse.Existing is { } other
                ? $"The cluster of '{warehouse.Name}', {other.Host}, is somebody else's, and is not paused from here unless its settings say that it may be (pausable). Leave it up, or tear the warehouse down."
                : $"Only a warehouse on Redshift can be paused; '{warehouse.Name}' is local and costs nothing. Leave it up, or tear it down.");
        }

        return new ChainPlan(
            warehouse.State switch
            {
                WarehouseState.Available => null,
                WarehouseState.Paused => RunKind.Resume,
                _ => RunKind.Provision,
            },
            reports, end);
    }
}
