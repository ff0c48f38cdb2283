using Sparkify.Core.Runs;

namespace Sparkify.Core.Warehouses;

/// <summary>Takes down what a cluster holds that was made from a snapshot.</summary>
internal interface IRestoredStar
{
    /// <summary>
    /// Writes down which star readers see, with its counts, and those of before, as far as the store knows their loads; gives what it found
    /// in a few words. What the store does not know is said, and left for the next load to replace.
    /// </summary>
    /// <param name="warehouse">The warehouse as it is now, with the place its cluster answers at.</param>
    /// <param name="taken">When the snapshot was taken; none when that is not known any more.</param>
    /// <param name="step">The step that does it.</param>
    /// <param name="ct">Cancels.</param>
    Task<string> TakeOverAsync(Warehouse warehouse, DateTimeOffset? taken, StepContext step, CancellationToken ct);
}
