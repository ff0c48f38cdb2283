using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What a run is about, beside its kind.</summary>
/// <param name="Star">For a run that puts a star back: the load that built it.</param>
/// <param name="Mode">For a load: how much of the source it reads.</param>
/// <param name="Snapshot">For a provisioning: the snapshot its cluster is made from.</param>
public sealed record RunChoice(long? Star = null, LoadMode? Mode = null, string? Snapshot = null)
{
    /// <summary>Nothing in particular.</summary>
    public static RunChoice None { get; } = new();
}

/// <summary>What a load adds to a star.</summary>
/// <param name="Star">The load whose star it is, which readers saw when this one began.</param>
/// <param name="Files">How many files are new, or have changed since.</param>
public sealed record RunAddition(long Star, long Files);
