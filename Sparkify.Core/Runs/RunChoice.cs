using Sparkify.Core.Common;

namespace Sparkify.Core.Runs;

/// <summary>What a run is about, beside its kind.</summary>
/// <param name="Star">For a run that puts a star back: the load that built it.</param>
/// <param name="Mode">For a load: how much of the source it reads.</param>
public sealed record RunChoice(long? Star = null, LoadMode? Mode = null)
{
    /// <summary>Nothing in particular.</summary>
    public static RunChoice None { get; } = new();
}
